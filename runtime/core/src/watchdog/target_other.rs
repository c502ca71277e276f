//! The thread of a loop, where the system has nothing to say of it.

use std::sync::Arc;
use std::thread;

/// No thread is asked for its stack.
pub(super) const SIGNAL: i32 = 0;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub(super) struct Target {
    name: Option<Arc<str>>,
}

impl Target {
    /// The thread that calls.
    pub(super) fn here(_signal: i32) -> Target {
        Target { name: thread::current().name().map(Arc::from) }
    }

    pub(super) fn name(&self) -> Option<Arc<str>> {
        self.name.clone()
    }

    /// Whether a debugger has stopped the thread, which cannot be told.
    pub(super) fn is_stopped(&self) -> bool {
        false
    }
}
