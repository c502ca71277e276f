//! Whether the loops have been called, so that it is done once, and not by each handler.
//!
//! ```text
//!     a handler                            a loop that has been called
//!     1. leave a record, or the flag       1. answer
//!     2. ring                              2. take records and flags
//!     3. call all loops, if the
//!        bell was silent
//! ```
//!
//! While the bell rings, every loop that watches has been called and has not looked yet, or is about to be
//! called, or somebody has answered and is about to look. So who finds it ringing may leave it at that: what
//! it has left before will be seen.

use super::atomic::{AtomicBool, Ordering};

pub(super) struct Bell {
    pub(super) rings: AtomicBool,
}

impl Bell {
    /// Rings; tells whether the loops have to be called.
    #[must_use]
    pub(super) fn ring(&self) -> bool {
        // Release: who answers sees what was left before; pairs with `answer`, also by way of the others that
        // ring.
        !self.rings.swap(true, Ordering::AcqRel)
    }

    /// Silences it; what was left before it rang can be seen now.
    pub(super) fn answer(&self) {
        self.rings.swap(false, Ordering::AcqRel);
    }

    pub(super) fn rings(&self) -> bool {
        self.rings.load(Ordering::Relaxed)
    }
}
