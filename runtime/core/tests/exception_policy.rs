//! What an unhandled panic means for the loop is up to its `UnhandledPanic`.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use runtime::task::yield_now;
use runtime::{Builder, ExceptionContext, Runtime, UnhandledPanic};
use support::heard::{Heard, listening_with};
use support::panic_message;

fn with(policy: UnhandledPanic) -> (Runtime, Heard) {
    listening_with(Builder::new().unhandled_panic(policy))
}

fn fail(rt: &Runtime) {
    rt.block_on(async {
        let task = runtime::task::Builder::new().name("pump");
        drop(task.spawn(async { panic!("out of water") }));
    });
}

#[track_caller]
fn assert_names_task_and_cause(message: &str) {
    assert!(message.contains("unhandled panic"), "{message}");
    assert!(message.contains("out of water"), "{message}");
    assert!(message.contains("pump"), "{message}");
    assert!(message.contains("exception_policy.rs"), "{message}");
}

#[test]
fn report_is_the_default_and_the_loop_goes_on() {
    assert_eq!(UnhandledPanic::default(), UnhandledPanic::Report);
    let (rt, heard) = with(UnhandledPanic::Report);
    fail(&rt);
    rt.block_on(yield_now());
    assert_eq!(heard.panics(), ["out of water"]);
    assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
}

#[test]
fn shutdown_ends_block_on_by_a_panic_and_closes_the_loop() {
    let (rt, heard) = with(UnhandledPanic::Shutdown);
    fail(&rt);
    let other = rt.spawn(pending::<()>());
    assert_names_task_and_cause(&panic_message(|| rt.block_on(pending::<()>())));
    assert_eq!(heard.panics(), ["out of water"], "the handler is told first");
    assert!(rt.is_closed());
    assert!(futures::executor::block_on(other).unwrap_err().is_cancelled());
}

#[test]
fn shutdown_ends_run_forever() {
    let (rt, _) = with(UnhandledPanic::Shutdown);
    fail(&rt);
    assert_names_task_and_cause(&panic_message(|| rt.run_forever()));
    assert!(rt.run_forever().is_err(), "it is closed");
}

#[test]
fn shutdown_ends_run_until() {
    let (rt, _) = with(UnhandledPanic::Shutdown);
    fail(&rt);
    let mut main = std::pin::pin!(pending::<()>());
    assert_names_task_and_cause(&panic_message(|| rt.run_until(main.as_mut())));
    assert!(rt.is_closed());
}

#[test]
fn shutdown_ends_turn() {
    let (rt, _) = with(UnhandledPanic::Shutdown);
    fail(&rt);
    assert_names_task_and_cause(&panic_message(|| rt.turn(Some(Duration::ZERO))));
    assert!(rt.is_closed());
}

#[test]
fn the_pass_is_finished_before_a_shutdown() {
    let (rt, _) = with(UnhandledPanic::Shutdown);
    let ran = Rc::new(Cell::new(0));
    let count = || {
        let ran = ran.clone();
        move || ran.set(ran.get() + 1)
    };
    rt.call_soon(count());
    rt.call_soon(|| panic!("out of water"));
    rt.call_soon(count());
    rt.call_soon({
        let count = count();
        move || drop(runtime::callback::call_soon(count))
    });
    let message = panic_message(|| rt.run_forever());
    assert!(message.contains("call_soon"), "{message}");
    assert_eq!(ran.get(), 2, "what was queued in the pass never runs");
}

#[test]
fn a_panic_that_somebody_asks_after_is_handled() {
    let (rt, heard) = with(UnhandledPanic::Shutdown);
    let task = rt.spawn(async { panic!("asked after") });
    assert!(
        rt.block_on::<_>(async { Err::<(), _>(task.await.unwrap_err()) }).unwrap_err().is_panic()
    );
    assert!(!rt.is_closed());
    assert_eq!(heard.reports(), []);
}

#[test]
fn what_a_program_reports_itself_is_handled() {
    let (rt, heard) = with(UnhandledPanic::Shutdown);
    let context = ExceptionContext::new("only saying").with_payload(Box::new("boom"));
    rt.call_exception_handler(context).unwrap();
    rt.block_on(yield_now());
    assert_eq!(heard.messages(), ["only saying"]);
    assert!(!rt.is_closed());
}

#[test]
fn several_panics_are_all_told_and_the_first_is_named() {
    let (rt, heard) = with(UnhandledPanic::Shutdown);
    for text in ["first", "second", "third"] {
        drop(rt.spawn(async move { panic!("{text}") }));
    }
    let message = panic_message(|| rt.run_forever());
    assert!(message.contains("first") && !message.contains("second"), "{message}");
    assert_eq!(heard.panics(), ["first", "second", "third"]);
}

#[test]
fn a_panic_at_close_does_not_panic_there() {
    let (rt, heard) = with(UnhandledPanic::Shutdown);
    drop(rt.spawn(async {
        let _bomb = support::OnDrop(|| panic!("at the end"));
        pending::<()>().await;
    }));
    rt.block_on(yield_now());
    drop(rt);
    assert_eq!(heard.panics(), ["at the end"]);
}

#[cfg(unix)]
#[test]
fn abort_aborts_the_process_after_the_handler_has_heard() {
    use std::os::unix::process::ExitStatusExt;

    const NAME: &str = "abort_aborts_the_process_after_the_handler_has_heard";
    if std::env::var_os("ROLE").is_some() {
        let builder = Builder::new().unhandled_panic(UnhandledPanic::Abort);
        let told = |context: &ExceptionContext| eprintln!("told of {context}");
        let rt = builder.exception_handler(told).build().unwrap();
        fail(&rt);
        rt.block_on(pending::<()>());
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", NAME, "--nocapture"]).env("ROLE", "child").output().unwrap();
    let stderr = String::from_utf8(child.stderr).unwrap();
    const SIGABRT: i32 = 6;
    assert_eq!(child.status.signal(), Some(SIGABRT), "{stderr}");
    assert!(stderr.contains("told of a task panicked"), "{stderr}");
    assert!(stderr.contains("pump"), "{stderr}");
}
