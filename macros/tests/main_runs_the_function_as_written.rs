//! `#[runtime::main]` leaves the function what it was, apart from `async`.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::process::{ExitCode, Termination};
use std::rc::Rc;

use runtime::task::yield_now;

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("refused")
    }
}

impl Error for Refused {}

#[test]
fn a_result_comes_back() {
    #[runtime::main]
    async fn main() -> Result<u16, std::num::ParseIntError> {
        yield_now().await;
        "80".parse()
    }
    assert_eq!(main(), Ok(80));
}

#[test]
fn errors_are_boxed_and_converted_without_annotations() {
    #[runtime::main]
    async fn returned() -> Result<(), Box<dyn Error>> {
        for refuse in [false, true] {
            yield_now().await;
            if refuse {
                return Err(Box::new(Refused));
            }
        }
        Ok(())
    }
    #[runtime::main]
    async fn propagated() -> Result<u8, Box<dyn Error + Send + Sync>> {
        let number: u8 = "many".parse()?;
        Ok(number)
    }
    #[runtime::main]
    async fn at_the_end() -> Result<(), Box<dyn Error>> {
        Err(Box::new(Refused))
    }
    assert!(returned().is_err_and(|error| error.is::<Refused>()));
    assert!(propagated().is_err_and(|error| error.is::<std::num::ParseIntError>()));
    assert!(at_the_end().is_err_and(|error| error.is::<Refused>()));
}

#[test]
fn any_termination_can_be_returned() {
    #[runtime::main]
    async fn main() -> impl Termination {
        yield_now().await;
        ExitCode::from(3)
    }
    assert_eq!(main().report(), ExitCode::from(3));
}

#[test]
fn a_function_that_never_returns_keeps_its_type() {
    #[runtime::main]
    async fn main() -> ! {
        yield_now().await;
        std::panic::resume_unwind(Box::new(7_u8))
    }
    #[runtime::main(spin = false)]
    async fn configured() -> ! {
        yield_now().await;
        std::panic::resume_unwind(Box::new(8_u8))
    }
    for (function, code) in [(main as fn() -> !, 7), (configured, 8)] {
        let payload = std::panic::catch_unwind(|| function()).err();
        assert_eq!(payload.and_then(|payload| payload.downcast_ref::<u8>().copied()), Some(code));
    }
}

#[test]
fn values_that_stay_on_their_thread_may_be_held_across_an_await() {
    #[runtime::main]
    async fn main() -> usize {
        let shared = Rc::new(Cell::new(0));
        let child = Rc::clone(&shared);
        let task = runtime::spawn(async move {
            yield_now().await;
            child.set(child.get() + 1);
        });
        task.await.expect("the task neither panics nor is aborted");
        shared.get()
    }
    assert_eq!(main(), 1);
}

#[test]
fn generics_are_passed_on() {
    #[runtime::main]
    async fn filled<'a, T, const N: usize>() -> Result<[T; N], &'a str>
    where
        T: Default + Copy,
    {
        yield_now().await;
        Ok([T::default(); N])
    }
    assert_eq!(filled::<u8, 3>(), Ok([0; 3]));
}

#[test]
fn inner_attributes_raw_names_and_other_attributes_are_kept() {
    #[runtime::main]
    #[must_use]
    /// Counts.
    pub(crate) async extern "C" fn r#try() -> u8 {
        #![allow(unused_variables)]
        let unused = ();
        yield_now().await;
        4
    }
    let function: extern "C" fn() -> u8 = r#try;
    assert_eq!(function(), 4);
}

#[test]
fn a_function_made_by_a_macro_works() {
    macro_rules! entry {
        ($(#[$attribute:meta])* $visibility:vis $name:ident, $spin:expr, $output:ty, $body:block) => {
            $(#[$attribute])*
            #[runtime::main(spin = $spin)]
            $visibility async fn $name() -> $output $body
        };
    }
    entry!(#[inline] pub five, false, u8, { 5 });
    assert_eq!(five(), 5);
}
