//! The task executor: an owner-biased design without locked instructions on the owner's thread.
//!
//! A task is one allocation, a *cell*: an 88-byte header and then the future, whose place its output takes. What
//! the loop's own thread does (spawn, schedule, poll, complete, join, clone and drop wakers) uses plain loads and stores.
//! Other threads never touch what the owner touches: each cell has one atomic [word](word) for
//! them, where they count wakers and leave requests, and a link through which they push it onto the loop's
//! lock-free [inbox](inbox). Whether a thread is the owner is one comparison with a thread-local pointer.
//!
//! Where to look:
//!
//! | file | idea |
//! |---|---|
//! | `state.rs` | the owner's word, bit by bit |
//! | `word.rs` | the other threads' word, and each transition as a method |
//! | `header.rs`, `cell.rs` | the layout of a task, making it, polling it |
//! | `life.rs` | completion and death: who frees a cell, and why nobody does so twice |
//! | `mail.rs`, `close.rs` | what other threads send; what becomes of cells when the loop closes |
//! | `waker.rs` | the one vtable |
//! | `join.rs` | safe references to tasks |
//! | `inbox.rs` | the lock-free stack and the parking protocol |
//! | `queue.rs`, `memory.rs`, `allocator.rs` | run queue and owned list; free lists and what is beneath them |
//! | `root.rs`, `job.rs` | the two cells that are not tasks |
//! | `origin.rs` | spawn location, and the cold part: id, name, remote joiner |
//!
//! Invariants that everything rests on:
//!
//! 1. Futures are polled and dropped on the owner's thread only. (A task spawned from another thread that a closed loop refuses is
//!    the exception; its future is `Send`.)
//! 2. Outputs are dropped on the owner's thread, or by a join handle that may be where it is because they are `Send`. (When
//!    such a handle goes while the loop closes, a waker that is just being used on a third thread may have to do it.)
//! 3. Another thread's last reference only ever frees memory.
//! 4. A cell alive keeps its [`Core`] alive: until the loop closes by the loop's own reference, afterwards by one of its own.
//! 5. No user code runs while an internal borrow or lock is held.
#![allow(unsafe_code)]

#[cfg_attr(loom, path = "quarantine.rs")]
mod allocator;
mod cell;
mod close;
mod header;
mod inbox;
mod job;
mod join;
mod life;
mod mail;
mod memory;
mod origin;
pub(crate) mod panics;
mod queue;
mod root;
mod state;
mod unpark;
mod waker;
mod word;

#[cfg(all(test, loom))]
mod models;

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::current::{self, LoopId, ThreadNumber};
use crate::local::{Local, Shared};

use cell::TaskCell;
use header::CellPtr;
use inbox::Inbox;
use memory::Memory;
use queue::{OwnedList, RunQueue};
use root::RootFuture;

#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use join::{Failure, JoinCell, TaskRef};
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use root::drive;
pub use unpark::Unpark;
pub(crate) use waker::is_ours as is_task_waker;

/// The operations that a task of ours may do in one poll before it is made to yield.
const BUDGET: u32 = 128;
/// A budget that is never used up.
const UNLIMITED: u32 = u32::MAX;

/// What every thread may use of a loop. Kept alive by the loop, by handles, and after close by the cells that are
/// still referenced.
pub(crate) struct Core {
    pub(crate) id: LoopId,
    inbox: Inbox,
    unparker: Arc<dyn Unpark>,
    /// The thread that made the loop, the only one that it runs on.
    thread: ThreadNumber,
    pub(crate) shared: Shared,
}

impl Core {
    pub(crate) fn new(id: LoopId, unparker: Arc<dyn Unpark>, shared: Shared) -> Arc<Core> {
        let thread = current::this_thread();
        Arc::new(Core { id, inbox: Inbox::new(), unparker, thread, shared })
    }

    /// Whether this is the loop's own thread, whatever loop is current on it.
    fn is_at_home(&self) -> bool {
        self.thread == current::this_thread()
    }

    /// Whether the loop is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.inbox.is_closed()
    }

    /// Runs `job` on the loop's own thread at the start of its next turn; gives `false` and drops it if the loop is closed.
    pub(crate) fn post(&self, job: impl FnOnce(&Local) + Send + 'static) -> bool {
        let cell = job::create(self, job);
        // SAFETY: new, with its `QUEUED` bit ours; `self` is alive during the call.
        unsafe { mail::submit(cell, self) }
    }

    /// Spawns a task from any thread.
    pub(crate) fn spawn<F>(
        &self,
        future: F,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> JoinCell<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let cell = TaskCell::create_anywhere(self, future, location);
        // SAFETY: new, its `HANDLE` bit nobody else's, its output an `F::Output`. The handle keeps the cell alive.
        let join = unsafe { JoinCell::new(cell) };
        if let Some(name) = name {
            join.set_name(name);
        }
        // SAFETY: its `QUEUED` bit is ours. If the loop is closed, the join handle hears of a cancellation.
        unsafe { mail::submit(cell, self) };
        join
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("id", &self.id).field("closed", &self.is_closed()).finish()
    }
}

/// What only the loop's own thread uses.
pub(crate) struct Executor {
    queue: RunQueue,
    owned: OwnedList,
    memory: Memory,
    /// Cells that exist and belong to this loop.
    live: Cell<usize>,
    /// The task, or root, that is being polled.
    current: Cell<Option<CellPtr>>,
    /// What is left of the current poll's budget.
    budget: Cell<u32>,
    /// Set when the loop closes: what is spawned from then on is dropped at once.
    closing: Cell<bool>,
    root: Cell<Option<CellPtr>>,
    root_future: Cell<Option<RootFuture>>,
}

impl Executor {
    pub(crate) fn new() -> Executor {
        Executor {
            queue: RunQueue::new(),
            owned: OwnedList::new(),
            memory: Memory::new(),
            live: Cell::new(0),
            current: Cell::new(None),
            budget: Cell::new(UNLIMITED),
            closing: Cell::new(false),
            root: Cell::new(None),
            root_future: Cell::new(None),
        }
    }

    #[inline(always)]
    fn count_live(&self, change: isize) {
        self.live.set(self.live.get().wrapping_add_signed(change));
    }

    /// Counts a cell that came from outside of the free lists.
    fn adopt(&self) {
        self.count_live(1);
        self.memory.note_foreign(1);
    }

    /// Counts a cell as gone that does not go through the free lists.
    fn disown(&self) {
        self.count_live(-1);
        self.memory.note_foreign(-1);
    }

    /// Gives memory back that was used by a crowd of tasks which is gone.
    #[inline(always)]
    pub(crate) fn trim(&self) {
        self.memory.trim(self.live.get());
    }

    /// Notes that no cell is being run. Between cells of a pass, and between passes, the last one still counts as current,
    /// for it is cheaper to say so only where other code runs; it may be freed by then.
    #[inline(always)]
    pub(crate) fn rest(&self) {
        self.current.set(None);
        self.budget.set(UNLIMITED);
    }

    #[inline(always)]
    fn refill_budget(&self) {
        self.budget.set(BUDGET);
    }

    /// Takes one operation from the budget of the current poll; `false` if there is none left.
    #[inline(always)]
    pub(crate) fn spend(&self) -> bool {
        match self.budget.get() {
            0 => self.refill_at_rest(),
            left => {
                self.budget.set(left - 1);
                true
            }
        }
    }

    /// Outside of polls there is no limit, but even a large number is used up one day.
    #[cold]
    fn refill_at_rest(&self) -> bool {
        let at_rest = self.current.get().is_none();
        if at_rest {
            self.budget.set(UNLIMITED);
        }
        at_rest
    }

    /// Whether the loop is being closed, or is closed.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// The budget of the current poll.
    pub(crate) fn budget(&self) -> &Cell<u32> {
        &self.budget
    }

    /// A reference to the task being polled; the future given to `block_on` is not one.
    pub(crate) fn current(&self) -> Option<TaskRef> {
        let cell = self.current.get().filter(|&cell| Some(cell) != self.root.get());
        // SAFETY: a task is alive while it is polled.
        cell.map(|cell| unsafe { TaskRef::new(cell) })
    }

    /// Whether nothing is ready to run.
    #[inline(always)]
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }
}

/// The executor's operations on the owner's thread.
impl Local {
    /// Makes the cell behind `block_on`. Once, before anything else.
    pub(crate) fn install_root(&self) {
        root::install(self);
    }

    /// Spawns a task.
    #[inline(always)]
    pub(crate) fn spawn<F: Future + 'static>(
        &self,
        future: F,
        location: &'static Location<'static>,
    ) -> JoinCell<F::Output> {
        let cell = TaskCell::create(self, future, location);
        // SAFETY: new, its `HANDLE` bit nobody else's, its output an `F::Output`.
        let join = unsafe { JoinCell::new(cell) };
        if self.executor.closing.get() {
            // SAFETY: new, and `HANDLE` keeps it alive.
            unsafe { close::abort_now(cell, self) };
        } else {
            // SAFETY: new, hence in no queue; it carries `SCHEDULED` since it was made.
            unsafe { self.executor.queue.push(cell) };
        }
        join
    }

    /// Takes in what other threads sent, if anything.
    #[inline(always)]
    pub(crate) fn drain(&self) {
        if self.core.inbox.has_any() {
            self.executor.rest();
            mail::drain(self);
        }
    }

    /// Whether other threads have sent something.
    #[inline(always)]
    pub(crate) fn has_mail(&self) -> bool {
        self.core.inbox.has_any()
    }

    /// Announces a sleep; refused if other threads have sent something.
    pub(crate) fn prepare_park(&self) -> bool {
        self.core.inbox.park()
    }

    /// Runs what is ready now, first in first out, and not what becomes ready meanwhile. Counts `until_look` down
    /// by one a cell, over all passes, and calls `look` and starts again from `interval` when it reaches zero.
    ///
    /// The caller says [`Executor::rest`] before it runs other code, also when a cell panics. Each cell is run between the two
    /// halves of `watch`: what the first returns is given to the second.
    #[inline(always)]
    pub(crate) fn run_pass<W>(
        &self,
        until_look: &mut u32,
        interval: u32,
        watch: (impl Fn(&Executor) -> W, impl Fn(W)),
        mut look: impl FnMut(),
    ) {
        let executor = &self.executor;
        let last = executor.queue.last();
        while let Some(cell) = executor.queue.pop() {
            executor.current.set(Some(cell));
            executor.refill_budget();
            let watched = watch.0(executor);
            // SAFETY: popped: alive, `SCHEDULED`, no longer in the queue; this is the owner's thread.
            unsafe { (cell.as_ref().vtable.run)(cell, self) };
            watch.1(watched);
            *until_look -= 1;
            if *until_look == 0 {
                *until_look = interval;
                executor.rest();
                look();
            }
            if Some(cell) == last {
                return;
            }
        }
    }

    /// Aborts every task and closes the inbox; see `close::close`.
    pub(crate) fn close_executor(&self, leave: impl FnOnce()) {
        close::close(self, leave);
    }
}

/// Puts a task into the run queue unless it is there or has its outcome.
///
/// # Safety
///
/// Owner's thread; the cell is alive.
#[inline(always)]
unsafe fn schedule(cell: CellPtr, local: &Local) {
    // SAFETY: alive by contract; `SCHEDULED` is set with the push and keeps it alive.
    unsafe {
        let header = cell.as_ref();
        let state = header.state.get();
        if state & (state::SCHEDULED | state::READY) == 0 {
            header.state.set(state | state::SCHEDULED);
            local.executor.queue.push(cell);
        }
    }
}
