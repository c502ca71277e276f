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
/// dropped; if its own drop panics, with something other than a text, that is leaked.
#[inline(always)]
pub(crate) fn contain_quietly(f: impl FnOnce()) {
    if let Err(payload) = contain(f) {
        discard(payload);
    }
}

#[cold]
fn discard(payload: Payload) {
    if let Err(second) = contain(move || drop(payload)) {
        // The drop of a text ends the chain; anything else might go on with it forever.
        if !second.is::<&'static str>() && !second.is::<String>() {
            std::mem::forget(second);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("from a destructor"));
        }
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_contained() {
        contain_quietly(|| std::panic::resume_unwind(Box::new(PanicsOnDrop)));
    }
}
