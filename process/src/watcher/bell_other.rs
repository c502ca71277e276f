//! What the thread that takes care of orphans sleeps by, where nothing tells of the end of a child.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::Watched;

/// Rung when the thread has something to do. One that is rung before it is waited for is not missed.
pub(super) struct Bell {
    is_rung: Mutex<bool>,
    rung: Condvar,
}

impl Bell {
    pub(super) const fn new() -> Bell {
        Bell { is_rung: Mutex::new(false), rung: Condvar::new() }
    }

    pub(super) fn ring(&self) {
        *self.is_rung.lock() = true;
        self.rung.notify_one();
    }

    /// Sleeps until the bell is rung, for no longer than a pause: a child may end at any time, and nothing tells.
    pub(super) fn wait(&self, _children: &[Watched], pause: Duration, _in_vain: bool) -> bool {
        let mut is_rung = self.is_rung.lock();
        if !*is_rung {
            self.rung.wait_for(&mut is_rung, pause);
        }
        *is_rung = false;
        false
    }
}
