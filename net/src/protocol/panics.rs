//! What becomes of a callback that panics, and of a task that is dropped.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use runtime_core::{ExceptionContext, Handle, default_exception_handler};

use super::state::{DRIVEN, State};

/// What `connection_lost` is told after a panic.
#[cold]
pub(super) fn panicked() -> io::Error {
    io::Error::other("a callback of the protocol panicked")
}

/// What `connection_lost` is told when the task is dropped before its end; nothing if the task was aborted.
#[cold]
pub(super) fn cut_short(state: &State) -> Option<io::Error> {
    if state.has(DRIVEN) {
        return Some(panicked());
    }
    // Without a loop there is nobody who could have aborted it.
    if Handle::try_current().is_ok_and(|handle| !handle.is_closing()) {
        return None;
    }
    Some(io::Error::new(io::ErrorKind::ConnectionAborted, "the event loop was closed"))
}

/// Runs callbacks; if one panics, runs `failed`, then tells the exception handler. Returns whether all is
/// well.
pub(super) fn contain(callback: &str, call: impl FnOnce(), failed: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(()) => true,
        Err(payload) => {
            failed();
            report(callback, payload);
            false
        }
    }
}

#[cold]
fn report(callback: &str, payload: Box<dyn Any + Send>) {
    let message = format!("{callback} of a protocol panicked");
    let context = ExceptionContext::new(message).with_payload(payload);
    match Handle::try_current() {
        // A closed loop logs it.
        Ok(handle) => drop(handle.call_exception_handler(context)),
        Err(_) => default_exception_handler(&context),
    }
}
