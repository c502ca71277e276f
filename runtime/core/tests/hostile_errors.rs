//! Errors that panic when they are shown, on their way to the exception handler.

mod support;

use std::fmt;
use std::future::pending;
use std::io;
use std::panic::panic_any;

use runtime::task::yield_now;
use runtime::{Builder, UnhandledPanic};
use support::{DropLog, OnDrop};

#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("it cannot be shown")
    }
}

impl std::error::Error for Unspeakable {}

fn fail() -> ! {
    panic_any(io::Error::other(Unspeakable))
}

#[test]
fn a_close_that_cannot_say_why_is_a_whole_close() {
    let rt = Builder::new().unhandled_panic(UnhandledPanic::Shutdown).build().unwrap();
    let log = DropLog::new();
    let witness = log.local_witness();
    drop(rt.spawn(async move {
        let _witness = witness;
        pending::<()>().await;
    }));
    // The youngest goes first.
    drop(rt.spawn(async {
        let _at_end = OnDrop(|| fail());
        pending::<()>().await;
    }));
    rt.block_on(yield_now());
    rt.close().unwrap();
    assert!(rt.is_closed());
    log.assert_dropped_here(1);
}

#[test]
fn a_loop_that_cannot_say_why_still_shuts_down() {
    let rt = Builder::new().unhandled_panic(UnhandledPanic::Shutdown).build().unwrap();
    let run = std::panic::AssertUnwindSafe(|| {
        rt.block_on(async {
            drop(runtime::spawn(async { fail() }));
            pending::<()>().await;
        });
    });
    let payload = std::panic::catch_unwind(run).unwrap_err();
    let message = payload.downcast_ref::<String>().expect("it is a text");
    assert!(message.contains("an unhandled panic has shut down the runtime"), "{message}");
    assert!(rt.is_closed());
}

#[test]
fn the_log_goes_without_what_cannot_be_shown() {
    let rt = Builder::new().build().unwrap();
    let after = rt.block_on(async {
        drop(runtime::spawn(async { fail() }));
        yield_now().await;
        yield_now().await;
        "went on"
    });
    assert_eq!(after, "went on");
}
