//! What the attributes write raises no lint in the crate that uses them: neither the compiler's
//! nor clippy's, which reads this file under `cargo clippy --all-targets`.

#![deny(warnings, unused, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(clippy::absolute_paths, clippy::expect_used, clippy::panic, clippy::unwrap_in_result)]
#![deny(clippy::unwrap_used, unsafe_code, unused_qualifications, unused_results)]

use std::env::args_os;
use std::io;
use std::num::ParseIntError;
use std::rc::Rc;

use runtime::task::yield_now;

#[runtime::main]
async fn waits_for_nothing() {}

#[runtime::main]
async fn returns_early() -> io::Result<()> {
    if args_os().len() > 1000 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    yield_now().await;
    Ok(())
}

#[runtime::main(spin = false, event_interval = 10)]
async fn is_configured() -> Result<u8, ParseIntError> {
    yield_now().await;
    "1".parse()
}

#[runtime::main]
async fn never_returns() -> ! {
    loop {
        yield_now().await;
    }
}

#[runtime::main(thread_name = "never")]
async fn never_returns_either() -> ! {
    loop {
        yield_now().await;
    }
}

#[runtime::main]
async fn holds_what_stays_here() {
    let local = Rc::new(1);
    yield_now().await;
    drop(local);
}

#[runtime::test]
async fn a_test_with_a_statement_at_its_end() {
    yield_now().await;
}

#[test]
fn all_are_used() {
    waits_for_nothing();
    assert!(returns_early().is_ok());
    holds_what_stays_here();
    assert_eq!(is_configured(), Ok(1));
    let _: [fn() -> !; 2] = [never_returns, never_returns_either];
}
