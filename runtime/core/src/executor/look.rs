//! What inspection may see of cells: who would be woken, what is ready, what is running.
//!
//! Nothing here changes anything, or is called by the executor itself.
#![allow(unsafe_code)]

use std::task::Waker;

use crate::executor::header::Kind;
use crate::executor::state::{ABORT, JOB, JOIN_WAKER, SCHEDULED};
use crate::executor::{Cancellation, Executor, Relay, TaskRef, relay, waker};
use crate::task::Id;

/// Whom a waker would wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sleeper {
    /// A task, of any loop.
    Task(Id),
    /// The main future of a loop.
    Main(Id),
    /// Nobody waits where the waker would pass its wake on to.
    Nobody,
    /// A callback, or whatever stands behind a waker that is not ours.
    Other,
}

/// Whom a waker would wake; on any thread. Runs no code of the user's.
pub(crate) fn sleeper(waker: &Waker) -> Sleeper {
    let Some(cell) = waker::cell_of(waker) else {
        return relay::behind(waker).map_or(Sleeper::Other, waiter);
    };
    // SAFETY: the waker keeps its cell alive, and what is read here may be read on any thread.
    let header = unsafe { cell.as_ref() };
    match header.vtable.kind {
        Kind::Task => Sleeper::Task(header.origin.cold().id),
        Kind::Root => Sleeper::Main(header.origin.cold().id),
        // Whoever polls the proxy. A lock that is taken may be our own: what polls the proxy may be the future
        // behind it.
        Kind::Proxied => match header.origin.cold().outer.try_lock() {
            Some(outer) => outer.as_ref().map_or(Sleeper::Other, sleeper),
            None => Sleeper::Other,
        },
        Kind::Job | Kind::Callback | Kind::Timer => Sleeper::Other,
    }
}

/// Who waits behind a relay. Relays in relays are different ones, so the locks are, too.
fn waiter(relay: &dyn Relay) -> Sleeper {
    let mut waiter = Sleeper::Nobody;
    relay.show_waiter(&mut |waker| waiter = sleeper(waker));
    waiter
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
        // There is no `root_future` in its first poll.
        self.root().filter(|root| self.root_future.get().is_some() || self.is_running(root))
    }

    /// Whether the cell is being run, or was when one that is was started within.
    pub(crate) fn is_running(&self, cell: &TaskRef) -> bool {
        let cell = Some(cell.cell());
        self.current.get() == cell || self.starting.put_aside().any(|outer| outer == cell)
    }
}

impl TaskRef {
    /// Whether it waits for its turn.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.header().state.look() & SCHEDULED != 0
    }

    /// Whether it waits to be asked to end.
    pub(crate) fn listens(&self) -> bool {
        self.existing_cancellation().is_some_and(Cancellation::is_listened_to)
    }

    /// Whether its future is to be dropped, and not polled, at its next turn.
    pub(crate) fn is_aborted(&self) -> bool {
        self.header().state.look() & ABORT != 0
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
