//! What inspection may see of cells: who would be woken, what is ready, what is running.
//!
//! Nothing here changes anything, or is called by the executor itself.
#![allow(unsafe_code)]

use std::task::Waker;

use crate::executor::header::Kind;
use crate::executor::state::{JOB, JOIN_WAKER, SCHEDULED};
use crate::executor::{Executor, TaskRef, waker};
use crate::task::Id;

/// Whom a waker would wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sleeper {
    /// A task, of any loop.
    Task(Id),
    /// The main future of a loop.
    Main(Id),
    /// A callback, or whatever stands behind a waker that is not ours.
    Other,
}

/// Whom a waker would wake; on any thread. Runs no code of the user's.
pub(crate) fn sleeper(waker: &Waker) -> Sleeper {
    let Some(cell) = waker::cell_of(waker) else { return Sleeper::Other };
    // SAFETY: the waker keeps its cell alive, and what is read here may be read on any thread.
    let header = unsafe { cell.as_ref() };
    match header.vtable.kind {
        Kind::Task => Sleeper::Task(header.origin.cold().id),
        Kind::Root => Sleeper::Main(header.origin.cold().id),
        // Whoever polls the proxy. Proxies in proxies are different cells, so the locks are, too.
        Kind::Proxied => match header.origin.cold().outer.lock().as_ref() {
            Some(outer) => sleeper(outer),
            None => Sleeper::Other,
        },
        Kind::Job | Kind::Callback | Kind::Timer => Sleeper::Other,
    }
}

impl Executor {
    /// The tasks that have not finished.
    pub(crate) fn count_tasks(&self) -> usize {
        // SAFETY: what is on the list is alive.
        self.owned.iter().filter(|cell| unsafe { cell.as_ref() }.vtable.kind == Kind::Task).count()
    }

    /// The cells that are ready to run.
    pub(crate) fn queue_depth(&self) -> usize {
        self.queue.iter().count() + self.order.waiting()
    }

    /// The main future, while there is one.
    pub(crate) fn main(&self) -> Option<TaskRef> {
        let is_first_poll = self.current.get() == self.root.get();
        let is_driven = is_first_poll || self.root_future.get().is_some();
        self.root().filter(|_| is_driven)
    }

    /// Whether the cell is being run.
    pub(crate) fn is_running(&self, cell: &TaskRef) -> bool {
        self.current.get() == Some(cell.cell())
    }
}

impl TaskRef {
    /// Whether it waits for its turn.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.header().state.look() & SCHEDULED != 0
    }

    /// Whether it waits for a blocking job.
    pub(crate) fn is_job(&self) -> bool {
        self.header().state.look() & JOB != 0
    }

    /// Who awaits it. On the loop's own thread.
    pub(crate) fn joiners(&self) -> Vec<Sleeper> {
        let header = self.header();
        let mut joiners = Vec::new();
        if header.state.get() & JOIN_WAKER != 0 {
            // SAFETY: owner's thread; the flag says that the slot is full, and nothing empties it meanwhile.
            joiners.push(sleeper(unsafe { (*header.join_waker.get()).assume_init_ref() }));
        }
        if let Some(cold) = header.origin.existing() {
            joiners.extend(cold.joiner.lock().as_ref().map(sleeper));
        }
        joiners
    }
}
