//! A pass in another order than first in, first out: by priority, or by chance.
//!
//! Both are for loops that are observed, see `observe.rs`; nobody else gets here. What is woken goes to the
//! run queue as always. From there an ordered pass takes it to a queue for each priority, and when it is
//! over, puts what is left back. So outside of passes there is one queue, of which nobody else has to know
//! more.
//!
//! ```text
//!                        ┌──► high ────┐
//!   wake ──► run queue ──┼──► normal ──┼──► run         at the end of the pass:
//!                ▲       └──► low ─────┘                high, normal, low, what was woken meanwhile
//!                └────────────────────────────────────────────────────────┘
//! ```
//!
//! Priorities without a quota would starve; a count of the cells says whose turn it is to be first. Of each 8
//! cells in a row one is chosen with `Normal` in front, of each 32 one with `Low` in front.
//!
//! A pass is as many cells as were ready when it began. They need not be the same ones: a task of higher
//! priority that is woken meanwhile goes before. So a pass ends, whatever the cells do, and the looks at
//! reactor and timers in its midst are counted as in every pass.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};

use crate::executor::header::CellPtr;
use crate::executor::priority::Priority;
use crate::executor::queue::RunQueue;
use crate::executor::special::Special;
use crate::executor::state::{HIGH, LOW};
use crate::executor::{Executor, Kind};
use crate::local::Local;

/// Of so many cells in a row one is chosen with [`Priority::Normal`] in front.
const NORMAL: u32 = 8;
/// Of so many cells in a row one is chosen with [`Priority::Low`] in front. A multiple of [`NORMAL`].
const LOWEST: u32 = 32;

/// What a loop needs for passes in another order.
pub(super) struct Order {
    /// Filled during a pass only.
    high: RunQueue,
    normal: RunQueue,
    low: RunQueue,
    /// Whether any task has had another priority than the usual one.
    prioritised: Cell<bool>,
    /// Counts the cells, modulo [`LOWEST`].
    slot: Cell<u32>,
    /// Shuffles what is ready when a pass begins.
    random: RefCell<Option<fastrand::Rng>>,
}

impl Order {
    /// How many cells are on the way from the run queue to their turns.
    pub(super) fn waiting(&self) -> usize {
        [&self.high, &self.normal, &self.low].iter().map(|queue| queue.iter().count()).sum()
    }

    pub(super) fn new() -> Order {
        Order {
            high: RunQueue::new(),
            normal: RunQueue::new(),
            low: RunQueue::new(),
            prioritised: Cell::new(false),
            slot: Cell::new(0),
            random: RefCell::new(None),
        }
    }

    /// Takes what is ready to the queue of its priority, up to and with `last`; returns how much it was.
    fn sort(&self, ready: &RunQueue, last: Option<CellPtr>) -> usize {
        let mut cells = 0;
        while let Some(cell) = ready.pop() {
            cells += 1;
            // SAFETY: popped: alive, and in no queue until it is pushed.
            unsafe {
                let queue = match Priority::of(cell.as_ref().state.get()) {
                    Priority::High => &self.high,
                    Priority::Normal => &self.normal,
                    Priority::Low => &self.low,
                };
                queue.push(cell);
            }
            if Some(cell) == last {
                break;
            }
        }
        cells
    }

    /// The cell whose turn it is.
    fn next(&self) -> Option<CellPtr> {
        let slot = self.slot.get();
        self.slot.set((slot + 1) % LOWEST);
        let order = match first(slot) {
            Priority::High => [&self.high, &self.normal, &self.low],
            Priority::Normal => [&self.normal, &self.high, &self.low],
            Priority::Low => [&self.low, &self.high, &self.normal],
        };
        order.into_iter().find_map(RunQueue::pop)
    }

    /// Puts what is left in front of what is ready; returns the last cell of what was left.
    fn put_back(&self, ready: &RunQueue) -> Option<CellPtr> {
        let meanwhile = ready.take();
        for queue in [&self.high, &self.normal, &self.low] {
            ready.append(&queue.take());
        }
        let last = ready.last().filter(|_| !ready.is_empty());
        ready.append(&meanwhile);
        last
    }
}

/// The priority that is first when the cell with this number is chosen.
fn first(slot: u32) -> Priority {
    if slot % LOWEST == LOWEST / 2 {
        Priority::Low
    } else if slot % NORMAL == NORMAL - 1 {
        Priority::Normal
    } else {
        Priority::High
    }
}

impl Executor {
    /// From now on what is ready when a pass begins is run in an order that the seed decides. Before the loop
    /// runs.
    pub(crate) fn shuffle_from_now_on(&self, seed: u64) {
        self.order.random.replace(Some(fastrand::Rng::with_seed(seed)));
        self.observe(Special::ORDER);
    }

    /// Shuffles what is ready, if the loop does that; to be called where a pass begins, on a loop that is
    /// observed.
    pub(crate) fn shuffle(&self) {
        if !self.special.is_ordered() {
            return;
        }
        if let Some(random) = &mut *self.order.random.borrow_mut() {
            let mut cells: Vec<CellPtr> = std::iter::from_fn(|| self.queue.pop()).collect();
            random.shuffle(&mut cells);
            // SAFETY: popped above: alive, and in no queue.
            cells.into_iter().for_each(|cell| unsafe { self.queue.push(cell) });
        }
    }

    /// Whether cells have priorities, so that passes are run by [`Local::run_in_order`].
    pub(super) fn is_prioritised(&self) -> bool {
        self.special.is_ordered() && self.order.prioritised.get()
    }

    /// Gives a cell another priority. If it is ready already, it keeps its place.
    ///
    /// # Safety
    ///
    /// Owner's thread; the cell is alive.
    pub(super) unsafe fn set_priority(&self, cell: CellPtr, priority: Priority) {
        // SAFETY: alive by contract.
        let header = unsafe { cell.as_ref() };
        if header.vtable.kind == Kind::Root {
            return;
        }
        let others = header.state.get() & !(HIGH | LOW);
        header.state.set(others | priority.flags());
        if priority != Priority::Normal {
            self.heed_priorities();
        }
    }

    /// Runs passes by priority from now on.
    #[cold]
    pub(super) fn heed_priorities(&self) {
        self.order.prioritised.set(true);
        self.observe(Special::ORDER);
    }
}

impl Local {
    /// Runs as many cells as there are up to `last`, by priority; else as [`Local::run_pass`].
    pub(super) fn run_in_order<W>(
        &self,
        last: Option<CellPtr>,
        watch: (impl Fn(&Executor) -> W, impl Fn(W)),
        mut pause: impl FnMut() -> bool,
    ) {
        /// Puts back what is left, also when a panic of the main future unwinds.
        struct PutBack<'a>(&'a Executor);
        impl Drop for PutBack<'_> {
            fn drop(&mut self) {
                self.0.order.put_back(&self.0.queue);
            }
        }
        let executor = &self.executor;
        let _put_back = PutBack(executor);
        let mut left = executor.order.sort(&executor.queue, last);
        while left > 0 {
            executor.order.sort(&executor.queue, None);
            let Some(cell) = executor.order.next() else { return };
            left -= 1;
            executor.current.set(Some(cell));
            executor.refill_budget();
            let watched = watch.0(executor);
            // SAFETY: popped: alive, `SCHEDULED`, no longer in a queue; this is the owner's thread.
            unsafe { (cell.as_ref().vtable.run)(cell, self) };
            watch.1(watched);
            let countdown = executor.countdown.get() - 1;
            executor.countdown.set(countdown);
            if countdown == 0 {
                executor.rest();
                if !pause() && left > 0 {
                    executor.rest_of_pass.set(executor.order.put_back(&executor.queue));
                    return;
                }
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn each_run_of_eight_has_one_normal_slot_and_each_of_thirty_two_one_low_one() {
        let slots: Vec<Priority> = (0..96).map(|slot| first(slot % LOWEST)).collect();
        let count =
            |slots: &[Priority], priority| slots.iter().filter(|&&slot| slot == priority).count();
        assert!(slots.windows(8).all(|slots| count(slots, Priority::Normal) == 1));
        assert!(slots.windows(32).all(|slots| count(slots, Priority::Low) == 1));
    }
}
