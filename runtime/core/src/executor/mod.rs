//! The task executor: an owner-biased design without locked instructions on the owner's thread.
//!
//! A task is one allocation, a *cell*: an 88-byte header and then the future, whose place its output takes.
//! What the loop's own thread does (spawn, schedule, poll, complete, join, clone and drop wakers) uses plain
//! loads and stores. Other threads never touch what the owner touches: each cell has one atomic [word](word)
//! for them, where they count wakers and leave requests, and a link through which they push it onto the
//! loop's lock-free [inbox](inbox). Whether a thread is the owner is one comparison with a thread-local
//! pointer.
//!
//! Where to look:
//!
//! | file | idea |
//! |---|---|
//! | `remote.rs` | what other threads have of a loop |
//! | `state.rs` | the owner's word, bit by bit |
//! | `word.rs` | the other threads' word, and each transition as a method |
//! | `header.rs`, `cell.rs` | the layout of a task, making it, polling it |
//! | `life.rs` | completion and death: who frees a cell, and why nobody does so twice |
//! | `mail.rs`, `close.rs` | what other threads send; what becomes of cells when the loop closes |
//! | `waker.rs` | the one vtable |
//! | `join.rs`, `task_ref.rs` | the right to a task's output, and a plain reference to it, for safe code |
//! | `inbox.rs` | the lock-free stack and the parking protocol |
//! | `pass.rs` | running what is ready, and being interrupted |
//! | `queue.rs`, `memory.rs`, `allocator.rs` | run queue and owned list; free lists and what is beneath them |
//! | `root.rs`, `job.rs`, `callback.rs` | the cells that are not tasks |
//! | `eager.rs` | a task that is polled where it is spawned |
//! | `order.rs`, `priority.rs` | passes in another order: by priority, by chance |
//! | `asking.rs`, `cancellation.rs` | asking a task to end, and what it knows of that |
//! | `proxy.rs` | a task that another task polls, for task factories |
//! | `special.rs` | what makes a loop leave its straight path: closing, being observed, a task factory |
//! | `traced.rs` | tasks with a span, whose wakers tell of themselves |
//! | `lazy.rs` | a future that its loop makes |
//! | `look.rs` | what inspection may see |
//! | `lent.rs` | a cell that other threads may look at while it is run |
//! | `noted.rs` | tasks that inspection counts |
//! | `origin.rs` | spawn location, and the cold part: id, name, remote joiner |
//!
//! Invariants that everything rests on:
//!
//! 1. Futures are polled and dropped on the owner's thread only. (A task spawned from another thread that a
//!    closed loop refuses is the exception; its future is `Send`, or not made yet.)
//! 2. Outputs are dropped on the owner's thread, or by a join handle that may be where it is because they are
//!    `Send`. (When such a handle goes while the loop closes, a waker that is just being used on a third
//!    thread may have to do it.)
//! 3. Another thread's last reference only ever frees memory.
//! 4. A cell alive keeps its [`Core`] alive: until the loop closes by the loop's own reference, afterwards by
//!    one of its own.
//! 5. No user code runs while an internal borrow or lock is held.
#![allow(unsafe_code)]

#[cfg_attr(loom, path = "quarantine.rs")]
mod allocator;
mod asking;
mod callback;
mod cancellation;
mod cell;
mod close;
mod eager;
mod header;
mod inbox;
mod job;
mod join;
mod lazy;
mod lent;
mod life;
mod look;
mod mail;
mod memory;
mod noted;
mod order;
mod origin;
pub(crate) mod panics;
mod pass;
mod priority;
mod proxy;
mod queue;
mod relay;
mod remote;
mod root;
mod run_at;
mod special;
mod state;
mod task_ref;
#[cfg_attr(any(loom, not(feature = "tracing")), path = "untraced.rs")]
mod traced;
mod unpark;
mod waker;
mod word;

#[cfg(all(test, loom))]
mod models;

use std::cell::Cell;
use std::panic::Location;

use crate::current;
use crate::local::{Context, Local};

use cell::TaskCell;
use eager::Starting;
use header::CellPtr;
use memory::Memory;
use noted::Tally;
use order::Order;
use queue::{OwnedList, RunQueue};
use root::RootFuture;

#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use callback::CallbackRef;
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use cancellation::{Cancellation, Rank, Reason};
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use header::Kind;
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use join::{Failure, JoinCell};
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use lazy::Lazy;
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use lent::Lent;
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use look::{Sleeper, sleeper};
pub(crate) use origin::Cold;
pub use priority::Priority;
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use proxy::Proxy;
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use relay::{Relay, relay};
pub(crate) use remote::{Core, Particulars};
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use root::{Resting, drive, drive_in_passes};
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use run_at::RunAt;
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use special::{Open, Special};
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use task_ref::TaskRef;
pub use unpark::Unpark;
pub(crate) use waker::{is_of_current as is_waker_of_current, is_ours as is_task_waker};

/// The operations that a task of ours may do in one poll before it is made to yield.
const BUDGET: u32 = 128;
/// A budget that is never used up.
const UNLIMITED: u32 = u32::MAX;

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
    /// Why a spawn, or a run, has to leave the straight path.
    special: Special,
    /// Cells to run before the loop looks at everything else.
    countdown: Cell<u32>,
    /// The last cell of a pass that was interrupted.
    rest_of_pass: Cell<Option<CellPtr>>,
    /// Whether the loop is to leave after the pass.
    leave: Cell<bool>,
    /// Whether another loop takes a turn inside of this one.
    suspended: Cell<bool>,
    /// What is counted while the loop is inspected.
    tally: Tally,
    root: Cell<Option<CellPtr>>,
    root_future: Cell<Option<RootFuture>>,
    starting: Starting,
    order: Order,
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
            special: Special::new(),
            countdown: Cell::new(1),
            rest_of_pass: Cell::new(None),
            leave: Cell::new(false),
            suspended: Cell::new(false),
            tally: Tally::new(),
            root: Cell::new(None),
            root_future: Cell::new(None),
            starting: Starting::default(),
            order: Order::new(),
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

    /// Notes that no cell is being run. Between cells of a pass, and between passes, the last one still
    /// counts as current, for it is cheaper to say so only where other code runs; it may be freed by then.
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

    /// What makes this loop leave its straight path.
    #[inline(always)]
    pub(crate) fn special(&self) -> &Special {
        &self.special
    }

    pub(crate) fn set_suspended(&self, suspended: bool) {
        self.suspended.set(suspended);
    }

    /// Whether another loop takes a turn inside of this one.
    pub(crate) fn is_suspended(&self) -> bool {
        self.suspended.get()
    }

    /// Changes the context variables with which the main future runs.
    pub(crate) fn set_root_context(&self, context: Option<Context>) {
        if let Some(root) = self.root.get() {
            // SAFETY: the root lives as long as the loop is open, and is taken out before that ends.
            unsafe { root.as_ref() }.origin.set_context(context);
        }
    }

    /// The budget of the current poll.
    pub(crate) fn budget(&self) -> &Cell<u32> {
        &self.budget
    }

    /// A reference to the task being polled; neither the future given to `block_on` nor a callback is one.
    pub(crate) fn current(&self) -> Option<TaskRef> {
        self.running().filter(TaskRef::is_task)
    }

    /// A reference to whatever is being run.
    pub(crate) fn running(&self) -> Option<TaskRef> {
        // SAFETY: a cell is alive while it is run.
        self.current.get().map(|cell| unsafe { TaskRef::new(cell) })
    }

    /// Notes that the poll of the current task cannot get to its own future, which is queued by itself.
    #[cold]
    fn note_missed_poll(&self) {
        if let Some(cell) = self.current.get() {
            // SAFETY: a cell is alive while it is run.
            if let Some(cold) = unsafe { cell.as_ref() }.origin.existing() {
                cold.cancellation.note_missed();
            }
        }
    }

    /// Asks the main future to end; see `Handle::cancel_main`.
    pub(crate) fn cancel_main(&self, local: &Local, reason: Reason) {
        if let Some(root) = self.root.get() {
            // SAFETY: the loop is open as long as it has a root, and a `Local` stays on its own thread.
            unsafe { asking::cancel_root(root, local, reason) };
        }
    }

    /// A reference to the cell of the main future.
    pub(crate) fn root(&self) -> Option<TaskRef> {
        // SAFETY: the root lives as long as the loop is open, and is taken out before that ends.
        self.root.get().map(|cell| unsafe { TaskRef::new(cell) })
    }

    /// References to all tasks that have not finished, the youngest first.
    pub(crate) fn unfinished(&self) -> Vec<TaskRef> {
        // SAFETY: what is on the list is alive.
        let cells = self.owned.iter().map(|cell| unsafe { TaskRef::new(cell) });
        cells.filter(TaskRef::is_task).collect()
    }

    /// Whether any task has not finished.
    pub(crate) fn has_tasks(&self) -> bool {
        // SAFETY: what is on the list is alive.
        self.owned.iter().any(|cell| unsafe { cell.as_ref() }.vtable.kind == Kind::Task)
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
        // Made before anything is asked, so that the future goes straight to its place.
        let cell = TaskCell::create(self, future, location);
        if self.executor.special.any() {
            // SAFETY: new, and nobody else knows it. What comes back has a `HANDLE` bit for us, and the same
            // output.
            return unsafe { JoinCell::new((cell.as_ref().vtable.remake)(cell, self)) };
        }
        // SAFETY: new, its `HANDLE` bit nobody else's, its output an `F::Output`.
        let join = unsafe { JoinCell::new(cell) };
        // SAFETY: new, hence in no queue; it carries `SCHEDULED` since it was made.
        unsafe { self.executor.queue.push(cell) };
        join
    }

    /// Spawns a task of which more is known, or which something is to be done with.
    #[cold]
    #[inline(never)]
    pub(crate) fn spawn_specially<F: Future + 'static>(
        &self,
        future: F,
        mut particulars: Particulars<'_>,
    ) -> JoinCell<F::Output> {
        // A factory, a hook, or the first poll of an eager task may drop a loop that was merely entered.
        let _held = current::hold();
        if self.core.is_closed() {
            // SAFETY: closed, and a `Local` stays on its own thread.
            return unsafe { self.core.send_task(future, particulars) };
        }
        match self.manufacture(future, &mut particulars) {
            Ok(made) => self.spawn_particular(made, particulars),
            Err(future) => self.spawn_particular(future, particulars),
        }
    }

    fn spawn_particular<F: Future + 'static>(
        &self,
        future: F,
        particulars: Particulars<'_>,
    ) -> JoinCell<F::Output> {
        if self.core.is_closed() {
            // The factory did that.
            // SAFETY: closed, and a `Local` stays on its own thread.
            return unsafe { self.core.send_task(future, particulars) };
        }
        let Particulars { location, name, context, job, priority, eager } = particulars;
        let cell = TaskCell::create(self, future, location);
        // SAFETY: new, its `HANDLE` bit nobody else's, its output an `F::Output`.
        let join = unsafe { JoinCell::new(cell) };
        if name.is_some() || context.is_some() {
            join.set_particulars(name, context.clone());
        }
        if job {
            join.mark_as_job();
        }
        if context.is_some() {
            self.executor.observe(Special::CONTEXT);
        }
        if priority != Priority::Normal {
            // SAFETY: new, and `HANDLE` keeps it alive.
            unsafe { self.executor.set_priority(cell, priority) };
        }
        // SAFETY: a task, new.
        unsafe { traced::begin(cell, self) };
        if self.executor.special.is_inspected() {
            self.task_spawned(&join.task_ref());
        }
        if self.executor.special.is_closing() {
            // SAFETY: new, and `HANDLE` keeps it alive.
            unsafe { close::abort_now(cell, self) };
        } else if eager && self.may_start() {
            // SAFETY: new, in no queue, `SCHEDULED` since it was made, and kept alive by `join`.
            unsafe { self.start::<true>(cell) };
        } else {
            // SAFETY: new, hence in no queue; it carries `SCHEDULED` since it was made.
            unsafe { self.executor.queue.push(cell) };
        }
        join
    }

    /// Takes in what other threads sent.
    #[cold]
    pub(crate) fn drain(&self) {
        self.executor.rest();
        mail::drain(self);
    }

    /// Whether other threads have sent something.
    #[inline(always)]
    pub(crate) fn has_mail(&self) -> bool {
        self.core.inbox.has_any()
    }

    /// Tells whether another thread has sent what the loop is to wake up for.
    pub(crate) fn is_called(&self) -> bool {
        self.core.inbox.calls()
    }

    /// Announces a sleep; refused if other threads have sent something.
    pub(crate) fn prepare_park(&self) -> bool {
        self.core.inbox.park()
    }

    /// Announces that whoever embeds this loop is going to sleep; refused if other threads have sent
    /// something.
    pub(crate) fn announce_sleep(&self) -> bool {
        self.core.inbox.announce_sleep()
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
        if state & (state::SCHEDULED | state::READY | state::NOTED) == 0 {
            header.state.set(state | state::SCHEDULED);
            local.executor.queue.push(cell);
        } else if state & (state::SCHEDULED | state::READY) == 0 {
            noted::schedule(cell, local);
        }
    }
}
