//! Keeps a panic of user code from unwinding into the code that called it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f`; a panic in it ends here.
pub(super) fn contain(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        discard(payload);
    }
}

/// Drops a panic's payload, whose own destructor may panic in turn.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        // A destructor that panics with a payload that panics: leaking it is the only end to the chain.
        std::mem::forget(again);
    }
}

#[cfg(test)]
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
        contain(|| std::panic::resume_unwind(Box::new(PanicsOnDrop)));
    }
}
