//! Which process this is: the one whose signals are told, or one that was forked off from it.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicI32, Ordering};

/// The one, or 0 before there is one.
static PID: AtomicI32 = AtomicI32::new(0);

/// Makes this process the one.
pub(super) fn settle() {
    // Release: who sees that this is home sees what was there before; pairs with `is_here`.
    PID.store(process(), Ordering::Release);
}

/// Whether this process is the one. Async-signal-safe.
pub(super) fn is_here() -> bool {
    PID.load(Ordering::Acquire) == process()
}

fn process() -> i32 {
    // SAFETY: getpid(2) has no preconditions, and is async-signal-safe.
    unsafe { libc::getpid() }
}
