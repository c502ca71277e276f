//! What a loop keeps for its listeners: its watch over the pipe.

use std::cell::Cell;
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering};

use runtime_core::Handle;
use runtime_core::reactor::{add_reader, remove_reader, try_loop_local};

use super::registry;

/// One in each loop that has, or had, listeners.
#[derive(Debug)]
pub(super) struct Station {
    /// Tells loops apart.
    id: u64,
    /// The pipe that is being watched. The number stays that of the pipe as long as the process lives.
    pipe: Cell<Option<RawFd>>,
}

impl Default for Station {
    fn default() -> Station {
        // Relaxed: only that they differ matters.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Station { id: NEXT.fetch_add(1, Ordering::Relaxed), pipe: Cell::new(None) }
    }
}

impl Station {
    /// Has the current loop watch the pipe; returns the loop, and the id of its station.
    pub(super) fn of_current_loop() -> io::Result<(Handle, u64)> {
        let handle = Handle::try_current().map_err(io::Error::other)?;
        let watching = try_loop_local(|station: &Station| station.watch());
        let id = watching.unwrap_or_else(|| Err(io::Error::other("the runtime is closing")))?;
        Ok((handle, id))
    }

    fn watch(&self) -> io::Result<u64> {
        let pipe = registry::open()?;
        if self.pipe.get() != Some(pipe) {
            add_reader(&pipe, readable)?;
            self.pipe.set(Some(pipe));
        }
        Ok(self.id)
    }

    /// Stops watching the pipe if nobody in this loop listens any more. Listeners may go on other threads, so
    /// this is found out by the next signal to anybody.
    fn rest(&self) {
        if registry::is_wanted(self.id) {
            return;
        }
        if let Some(pipe) = self.pipe.take() {
            remove_reader(&pipe);
        }
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        if let Some(pipe) = self.pipe.take() {
            remove_reader(&pipe);
        }
        registry::close(self.id);
    }
}

fn readable() {
    registry::dispatch();
    try_loop_local(Station::rest);
}
