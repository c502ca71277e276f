//! A pass over the run queue, and the signals that end or interrupt one.
//!
//! What may happen between two cells is asked for by one number, which is counted down anyhow: when it
//! reaches zero the loop pauses, be it because it is time to look at I/O and timers, or because the number
//! was set to one, by an interruption. So a loop that is not interrupted pays nothing for it. What may happen
//! between two passes is asked for by `leave`, which ends the turns.
#![allow(unsafe_code)]

use crate::executor::Executor;
use crate::executor::header::CellPtr;
use crate::local::Local;

impl Executor {
    /// Begins to count the cells until the next look at everything else.
    #[inline(always)]
    pub(crate) fn start_countdown(&self, cells: u32) {
        self.countdown.set(cells);
    }

    /// Has the loop pause after the cell that is being run.
    pub(crate) fn interrupt(&self) {
        self.countdown.set(1);
    }

    /// Has the loop leave after the pass.
    pub(crate) fn leave(&self) {
        self.leave.set(true);
    }

    /// Whether the loop is to leave after the pass.
    #[inline(always)]
    pub(crate) fn is_leaving(&self) -> bool {
        self.leave.get()
    }

    /// Takes the request to leave back.
    pub(crate) fn stay(&self) {
        self.leave.set(false);
    }

    /// Whether a pass was interrupted.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.rest_of_pass.get().is_some()
    }

    /// Has the pass that is about to begin be run as one that was interrupted.
    pub(crate) fn postpone_pass(&self) {
        if !self.queue.is_empty() {
            self.rest_of_pass.set(self.queue.last());
        }
    }

    /// From now on each cell is run under observation for this reason; takes effect before the next cell.
    #[cold]
    pub(crate) fn observe(&self, reason: u8) {
        if !self.special.is_observed() {
            self.interrupt();
            self.leave();
        }
        self.special.insert(reason);
    }

    /// Takes a reason for observation back; takes effect after the pass.
    pub(crate) fn cease_to_observe(&self, reason: u8) {
        self.special.remove(reason);
        self.leave();
    }
}

impl Local {
    /// Runs what is ready now, first in first out, and not what becomes ready meanwhile.
    ///
    /// Counts the cells down, over all passes. When none is left `pause` is called, which starts the
    /// countdown again and says whether to go on; if not, [`finish_pass`](Local::finish_pass) has to.
    ///
    /// The caller says [`Executor::rest`] before it runs other code, also when a cell panics. Each cell is
    /// run between the two halves of `watch`: what the first returns is given to the second.
    ///
    /// On a loop that is `observed` the order may be another one; see `order.rs`.
    #[inline(always)]
    pub(crate) fn run_pass<W>(
        &self,
        observed: bool,
        watch: (impl Fn(&Executor) -> W, impl Fn(W)),
        pause: impl FnMut() -> bool,
    ) {
        if observed {
            self.executor.shuffle();
        }
        self.run_to(observed, self.executor.queue.last(), watch, pause);
    }

    /// Runs what is left of a pass that was interrupted, if one was.
    pub(crate) fn finish_pass<W>(
        &self,
        observed: bool,
        watch: (impl Fn(&Executor) -> W, impl Fn(W)),
        pause: impl FnMut() -> bool,
    ) {
        if let Some(last) = self.executor.rest_of_pass.take() {
            self.run_to(observed, Some(last), watch, pause);
        }
    }

    #[inline(always)]
    fn run_to<W>(
        &self,
        observed: bool,
        last: Option<CellPtr>,
        watch: (impl Fn(&Executor) -> W, impl Fn(W)),
        mut pause: impl FnMut() -> bool,
    ) {
        let executor = &self.executor;
        if observed && executor.is_prioritised() {
            self.run_in_order(last, watch, pause);
            return;
        }
        while let Some(cell) = executor.queue.pop() {
            executor.current.set(Some(cell));
            executor.refill_budget();
            let watched = watch.0(executor);
            // SAFETY: popped: alive, `SCHEDULED`, no longer in the queue; this is the owner's thread.
            unsafe { (cell.as_ref().vtable.run)(cell, self) };
            watch.1(watched);
            let left = executor.countdown.get() - 1;
            executor.countdown.set(left);
            if left == 0 {
                executor.rest();
                if !pause() && Some(cell) != last {
                    executor.rest_of_pass.set(last);
                    return;
                }
            }
            if Some(cell) == last {
                return;
            }
        }
    }
}
