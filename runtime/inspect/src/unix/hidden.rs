//! A thread whose loops are nothing to look at.

use std::thread::{self, ThreadId};

use crate::own::OWN;

/// Keeps the loops of this thread out of sight, until it is dropped.
#[derive(Debug)]
pub(super) struct Hidden(ThreadId);

impl Hidden {
    pub(super) fn this_thread() -> Hidden {
        let id = thread::current().id();
        OWN.lock().push(id);
        Hidden(id)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        OWN.lock().retain(|id| *id != self.0);
    }
}
