//! The attributes `#[runtime::main]` and `#[runtime::test]`.
//!
//! Programs use them through the facade, `runtime`, under its feature `macros`; what they write
//! names the facade as `::runtime`, unless `crate = ".."` says otherwise. This crate depends on
//! nothing else of the project.
//!
//! Both leave the function what it was, an `async fn`, and wrap it in one that builds a loop, runs
//! the future on the calling thread to its end, cancels the tasks that are left, and closes the
//! loop. The future and everything it spawns by `runtime::spawn` stay on that thread, so none of it
//! has to be `Send`.

use proc_macro::TokenStream;

mod expand;
mod function;
mod known;
mod options;

use crate::expand::{Entry, expand};

/// Turns an `async fn` into a function that runs it on a new event loop.
///
/// It is meant for `main`, and works for every free function without arguments. The function may
/// return whatever it could without the attribute: for `main` that is anything that implements
/// [`Termination`](std::process::Termination), such as `()`, a `Result`, an `ExitCode` or `!`.
/// Other attributes, generics, visibility and the body stay as they are.
///
/// When the function ends, the tasks that it spawned and that still run are cancelled: they are
/// dropped on this thread before its caller, or the process, goes on.
///
/// # Options
///
/// Without options the loop is built as `runtime::run` builds it. Each option except `crate` and `ctrl_c` is
/// a call of the method of the same name on `runtime::Builder`, which then goes to the process's
/// policy (`runtime::policy`), as it does in `runtime::run`. A value is a literal or any expression
/// of the type.
///
#[doc = include_str!("options.md")]
///
/// There is no `flavor` and no `worker_threads`: the loop always is single-threaded. A program that
/// wants several cores runs a `runtime::LoopGroup`, which is one loop for each of several threads.
///
/// # Ctrl-C
///
/// With `ctrl_c = "cancel"` (feature `signal`) the first Ctrl-C asks the function to end. If it listens, by
/// `runtime::task::cancelled`, it cleans up, awaiting what it likes, and returns. Else its future is dropped where
/// it waits, and then its tasks, so that their destructors clean up, and the process ends by `SIGINT`, which
/// shells show as status 130. The second Ctrl-C does that at once, also if the program hangs in its cleaning
/// up or in a computation. Where `SIGINT` is ignored from the start, as for jobs in the background, it
/// stays so. `runtime::signal::run_until_ctrl_c` says more.
///
/// ```no_run
/// use runtime::time::{Duration, sleep};
///
/// #[runtime::main(ctrl_c = "cancel")]
/// async fn main() -> std::io::Result<()> {
///     let scratch = std::env::temp_dir().join("scratch");
///     struct Remove<'a>(&'a std::path::Path);
///     impl Drop for Remove<'_> {
///         fn drop(&mut self) {
///             let _ = std::fs::remove_file(self.0);
///         }
///     }
///     std::fs::write(&scratch, "")?;
///     let _remove = Remove(&scratch);
///     sleep(Duration::from_secs(3600)).await;
///     Ok(())
/// }
/// ```
///
/// # Panics
///
/// The function panics if the policy gives no loop, as when the operating system refuses what it
/// needs, such as a file descriptor, and if the calling thread is running a loop already. To handle
/// the former, build the loop by hand, as in the last example.
///
/// # Examples
///
/// A program that can fail:
///
/// ```
/// use runtime::time::{Duration, sleep};
///
/// #[runtime::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let greeting = runtime::spawn(async {
///         sleep(Duration::from_millis(1)).await;
///         "hello"
///     });
///     println!("{}", greeting.await?);
///     Ok(())
/// }
/// ```
///
/// With options:
///
/// ```
/// use runtime::time::Duration;
///
/// #[runtime::main(max_blocking_threads = 4, thread_keep_alive = Duration::from_secs(1))]
/// async fn main() {
///     let sum = runtime::spawn_blocking(|| (1..=100).sum::<u32>());
///     assert_eq!(sum.await.expect("the sum does not overflow"), 5050);
/// }
/// ```
///
/// In a crate that reaches the facade through another one, or under another name:
///
/// ```
/// mod toolkit {
///     pub use ::runtime;
/// }
///
/// #[toolkit::runtime::main(crate = "toolkit::runtime")]
/// async fn main() {}
/// ```
///
/// What the attribute writes, for the second example. Write it by hand to handle the errors of
/// `build`, or to keep the loop for later:
///
/// ```
/// use runtime::time::Duration;
///
/// fn main() {
///     async fn main() {
///         let sum = runtime::spawn_blocking(|| (1..=100).sum::<u32>());
///         assert_eq!(sum.await.expect("the sum does not overflow"), 5050);
///     }
///
///     // On Unix, with the feature `inspect`, of which more below:
///     // let _inspected = runtime::inspect::serve_if_asked();
///     let builder = runtime::Builder::new()
///         .max_blocking_threads(4)
///         .thread_keep_alive(Duration::from_secs(1));
///     runtime::policy::policy()
///         .build(builder)
///         .expect("the runtime could not be built")
///         .block_on(main())
/// }
/// ```
///
/// # Looking into the program
///
/// With the feature `inspect` of the facade, on Unix, a program under this attribute heeds the environment
/// variable `RUNTIME_INSPECT`: set to `1`, or to the path of a directory for its socket, it has the program
/// serve `runtime-ps`, which shows its tasks, who waits for whom, and what it is busy with. Unset, empty or `0`, it
/// costs a look at the environment. A program that builds its loop by hand does the same by
/// `runtime::inspect::serve_if_asked`.
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Entry::Main, arguments.into(), item.into()).into()
}

/// Turns an `async fn` into a test that runs it on a new event loop of its own.
///
/// The attribute adds `#[test]`, so a second one is an error. `#[should_panic]`, `#[ignore]` and
/// other attributes pass through, and the test may return a `Result`, as an ordinary test may.
/// Tests run beside each other on threads of the test harness; no loop is shared.
///
/// # Options
///
/// They are those of `#[runtime::main]`:
///
#[doc = include_str!("options.md")]
///
/// And those for seeds (feature `test-util`), of which there may be one:
///
/// | Option | Value | Meaning |
/// |---|---|---|
/// | `seed = 7` | `u64` | runs what is ready in an order that the number decides |
/// | `seed = random` | that word | with another number each time |
/// | `seeds = 0..100` | an iterator of `u64` | runs the test with each of them, up to the first that fails |
///
/// Without them what is ready is run first in, first out.
///
/// A test that fails then prints its seed, and `RUNTIME_SEED=7 cargo test name`, which runs it with that one
/// alone. It returns `()`, a `Result` of that, or any other `runtime::seed::Outcome`. What a seed decides is
/// said at `runtime::Builder::seed`. Under `#[should_panic]` the first seed with which the test panics is the
/// last with which it is run. To learn with which seed a test hangs, have each run announced:
/// `RUNTIME_SEED_ANNOUNCE=1 cargo test name`.
///
/// # Panics
///
/// The test fails if the operating system refuses what the loop needs, such as a file descriptor.
///
/// # Examples
///
/// With a paused clock the loop goes from deadline to deadline without waiting, so this test takes
/// no time, and its outcome does not depend on how busy the machine is:
///
/// ```
/// # fn main() {}
/// use runtime::time::{Duration, sleep, timeout};
///
/// #[runtime::test(start_paused = true)]
/// async fn an_answer_after_an_hour_is_too_late() {
///     let answer = async {
///         sleep(Duration::from_secs(3600)).await;
///         42
///     };
///     assert!(timeout(Duration::from_secs(60), answer).await.is_err());
/// }
///
/// /// Whoever comes first opens the file, in whatever order the two come.
/// #[runtime::test(start_paused, seeds = 0..20)]
/// async fn the_file_is_opened_once() {
///     # let opened = std::rc::Rc::new(std::cell::Cell::new(0));
///     # let open = || {
///     #     let opened = opened.clone();
///     #     async move { if opened.get() == 0 { opened.set(1) } }
///     # };
///     let (one, other) = (runtime::spawn(open()), runtime::spawn(open()));
///     one.await.unwrap();
///     other.await.unwrap();
///     assert_eq!(opened.get(), 1);
/// }
///
/// #[runtime::test]
/// #[should_panic(expected = "out of range")]
/// async fn a_port_has_sixteen_bits() {
///     "65536".parse::<u16>().expect("out of range");
/// }
///
/// #[runtime::test]
/// async fn names_are_resolved() -> std::io::Result<()> {
///     let mut addresses = runtime::net::lookup_host("127.0.0.1:80").await?;
///     assert!(addresses.all(|address| address.ip().is_loopback()));
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(Entry::Test, arguments.into(), item.into()).into()
}
