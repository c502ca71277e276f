//! Loops that are there for the sake of looking, and are nothing to look at.

use std::thread::ThreadId;

use parking_lot::Mutex;
use runtime_core::inspect::{self, OpenLoop};

/// The threads on which they live.
pub(crate) static OWN: Mutex<Vec<ThreadId>> = Mutex::new(Vec::new());

/// The loops of this process that are the program's.
pub(crate) fn loops() -> Vec<OpenLoop> {
    let mut loops = inspect::loops();
    let own = OWN.lock().clone();
    loops.retain(|open| !own.contains(&open.thread().id()));
    loops
}
