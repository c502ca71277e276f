//! Tasks that are polled for the first time where they are spawned, in the midst of whatever is being run.
//!
//! The new cell is run as a pass would run it, only that it has never been in the queue. What was current is
//! put aside meanwhile: the cell, what is left of its budget, and its context variables. A start is no turn,
//! so the new task lives on what is left of the budget of the one that is being polled, which pays for it.
//!
//! Only a loop that runs starts tasks so: it cannot be closed, so the cell that has been put aside stays
//! what it was. And only to a certain depth, for a start takes stack.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::panic::Location;

use crate::current;
use crate::executor::cell::TaskCell;
use crate::executor::header::CellPtr;
use crate::executor::panics::contain_quietly;
use crate::executor::state::{DONE, is_dead};
use crate::executor::{BUDGET, JoinCell, Particulars, life};
use crate::local::{Context, Local, Polling, install};

/// How deep starts may nest; see [`task::spawn_eager`](crate::task::spawn_eager).
const DEPTH: u32 = 32;

/// The starts that are going on, one within the other.
#[derive(Debug, Default)]
pub(super) struct Starting {
    depth: Cell<u32>,
    /// What each of them has put aside, for those who look into the loop. What is beyond the depth means
    /// nothing.
    outer: [Cell<Option<CellPtr>>; DEPTH as usize],
}

impl Starting {
    /// What has been put aside. Each of these is alive.
    pub(super) fn put_aside(&self) -> impl Iterator<Item = Option<CellPtr>> + '_ {
        self.outer.iter().take(self.depth.get() as usize).map(Cell::get)
    }

    #[inline(always)]
    fn enter(&self, outer: Option<CellPtr>) {
        let depth = self.depth.get();
        // No start is deeper, which need not be asked again.
        self.outer[(depth % DEPTH) as usize].set(outer);
        self.depth.set(depth + 1);
    }

    #[inline(always)]
    fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }
}

impl Local {
    /// Spawns a task, and polls it once before this returns, unless the loop does not run.
    #[inline(always)]
    pub(crate) fn spawn_eagerly<F: Future + 'static>(
        &self,
        future: F,
        location: &'static Location<'static>,
    ) -> JoinCell<F::Output> {
        if self.executor.special.any() || !self.may_start() {
            let particulars = Particulars { eager: true, ..Particulars::new(location) };
            return self.spawn_specially(future, particulars);
        }
        let cell = TaskCell::create(self, future, location);
        // SAFETY: new, its `HANDLE` bit nobody else's, its output an `F::Output`.
        let join = unsafe { JoinCell::new(cell) };
        // SAFETY: new, in no queue, and `SCHEDULED` since it was made; the loop runs.
        unsafe { self.start::<false>(cell) };
        join
    }

    /// Whether a task may be polled where it is spawned.
    pub(super) fn may_start(&self) -> bool {
        current::is_running(self) && self.executor.starting.depth.get() < DEPTH
    }

    /// Polls a new task, and tells those of it who look into a special loop.
    ///
    /// # Safety
    ///
    /// Owner's thread, and the loop [may](Local::may_start) start tasks; the cell is new, linked, `SCHEDULED`
    /// and in no queue, and `HANDLE` keeps it alive.
    pub(super) unsafe fn start<const SPECIAL: bool>(&self, cell: CellPtr) {
        // SAFETY: alive by contract.
        let header = unsafe { cell.as_ref() };
        let context = if SPECIAL { install(header.origin.context()) } else { None };
        let _outer = Outer::put_aside(self, cell, context);
        let inspected = SPECIAL && self.executor.special.is_inspected();
        let polling = inspected.then(|| Polling::begin_within(self));
        {
            let traced = SPECIAL && self.executor.special.is_traced();
            let _entered = traced.then(|| self.enter_span());
            // SAFETY: by contract.
            unsafe { (header.vtable.run)(cell, self) };
        }
        if let Some(polling) = polling {
            polling.end(self);
        }
    }
}

/// What is being run, while a task is started within.
struct Outer<'a> {
    local: &'a Local,
    /// Kept alive by a count: it may have run already, and be current for those who observed that.
    cell: Option<CellPtr>,
    /// None on a loop about which nothing is special: there no context variables are in use.
    context: Option<Context>,
    /// What is left of its budget, and how much of that the new task was given.
    budget: u32,
    given: u32,
}

impl<'a> Outer<'a> {
    /// Makes another cell the current one. Its context variables have been installed already; `context` is
    /// what was there before.
    #[inline(always)]
    fn put_aside(local: &'a Local, cell: CellPtr, context: Option<Context>) -> Outer<'a> {
        let executor = &local.executor;
        let outer = executor.current.replace(Some(cell));
        if let Some(outer) = outer {
            // SAFETY: what is current while other code runs is alive.
            unsafe { outer.as_ref() }.state.count_up();
        }
        let budget = executor.budget.get();
        let given = budget.min(BUDGET);
        executor.budget.set(given);
        executor.starting.enter(outer);
        Outer { local, cell: outer, context, budget, given }
    }
}

impl Drop for Outer<'_> {
    fn drop(&mut self) {
        let executor = &self.local.executor;
        if executor.special.any() {
            // Also if nothing was special before: the new task may have set the first variable.
            restore(self.context.take());
        }
        executor.starting.leave();
        let spent = self.given.saturating_sub(executor.budget.get());
        executor.budget.set(self.budget - spent);
        executor.current.set(None);
        if let Some(outer) = self.cell {
            // SAFETY: alive by our count, which ends here; the loop is open, for it runs.
            unsafe {
                let state = outer.as_ref().state.count_down();
                if state & DONE == 0 {
                    executor.current.set(Some(outer));
                } else if is_dead(state) {
                    life::bury(outer, self.local);
                }
            }
        }
    }
}

/// Makes the context variables current again that were. The new task, whose own they replace, still is.
#[cold]
fn restore(context: Option<Context>) {
    let own = install(context);
    contain_quietly(|| drop(own));
}
