//! Keeps panics of user code where they belong.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send + 'static>;

/// Runs user code and returns its panic instead of passing it on.
#[inline(always)]
pub(crate) fn contain<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Runs user code whose panic nobody can be told of (the panic hook has reported it). The payload is
/// dropped, and leaked if its own drop panics.
#[inline(always)]
pub(crate) fn contain_quietly(f: impl FnOnce()) {
    if let Err(payload) = contain(f) {
        discard(payload);
    }
}

#[cold]
fn discard(payload: Payload) {
    if let Err(second) = contain(move || drop(payload)) {
        std::mem::forget(second);
    }
}
