//! The loops of this process.

use std::thread::Thread;

use crate::current::open_loops;
use crate::handle::Handle;

/// A loop that is open; see [`loops`].
#[derive(Debug, Clone)]
pub struct OpenLoop {
    id: u64,
    handle: Handle,
    thread: Thread,
}

impl OpenLoop {
    /// The number of the loop: 1 for the first one of the process. It is not given out again.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// What other threads have of the loop.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The thread on which the loop lives.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }
}

/// The loops that are open in this process, on all threads, the oldest first.
///
/// # Examples
///
/// ```
/// let rt = runtime::Runtime::new().unwrap();
/// let here = std::thread::current().id();
/// let mut loops = runtime::inspect::loops();
/// loops.retain(|open| open.thread().id() == here);
/// assert_eq!(loops.len(), 1);
/// # drop(rt);
/// ```
pub fn loops() -> Vec<OpenLoop> {
    let open = open_loops().into_iter();
    let known =
        |(id, core, thread): (u64, _, _)| OpenLoop { id, handle: Handle::new(core), thread };
    open.map(known).collect()
}
