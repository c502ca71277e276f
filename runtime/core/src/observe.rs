//! The two ways to run the cells of a pass: plainly, or under observation.
//!
//! What has to be done around each cell (install its context variables, time it) would cost every loop if it
//! were asked for each time. So the turn of the loop exists twice, once without a trace of it, and a loop
//! changes to the other when it has a reason.

use std::time::{Duration, Instant};

use crate::context::{self, Context};
use crate::executor::panics::contain_quietly;
use crate::inspect::{self, Polling};
use crate::local::Local;
use crate::spans::Entered;
use crate::watch::{Pass, Watch};
use crate::watchdog::post;

/// A way to run the cells of a pass.
pub(crate) trait Watching: Copy {
    /// Whether it is the one under observation.
    const OBSERVED: bool;
    /// What is known of a cell while it is run.
    type Cell;
    /// What is known of a pass while it is run.
    type Pass;

    fn begin(self) -> Self::Cell;
    fn end(self, cell: Self::Cell);
    fn begin_pass(self) -> Self::Pass;
    fn end_pass(self, pass: Self::Pass);
}

/// Nothing is done around a cell.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Watching for Plain {
    const OBSERVED: bool = false;
    type Cell = ();
    type Pass = ();

    #[inline(always)]
    fn begin(self) {}
    #[inline(always)]
    fn end(self, (): ()) {}
    #[inline(always)]
    fn begin_pass(self) {}
    #[inline(always)]
    fn end_pass(self, (): ()) {}
}

/// Each cell runs with its own context variables and in the span that it may have, in debug mode is timed, for
/// a watchdog is published, and tells those who look into the loop.
#[derive(Clone, Copy)]
pub(crate) struct Observed<'a> {
    pub(crate) local: &'a Local,
}

impl<'a> Watching for Observed<'a> {
    const OBSERVED: bool = true;
    type Cell = (Option<(Watch, Duration)>, bool, Entered<'a>, Option<Polling>);
    type Pass = (Option<Duration>, bool);

    fn begin(self) -> Self::Cell {
        let threshold = self.local.debug.threshold();
        let inspected = self.local.executor.special().is_inspected();
        let polling = inspected.then(|| Polling::begin(self.local));
        let running = self.local.executor.running();
        install(running.as_ref().and_then(|running| running.context()));
        let published = post::begin(self.local, running.as_ref());
        let entered = Entered::begin(self.local, running.as_ref());
        let watch = threshold.map(|threshold| (Watch::begin(running), threshold));
        (watch, published, entered, polling)
    }

    fn end(self, (watch, published, entered, polling): Self::Cell) {
        drop(entered);
        install(None);
        if published {
            post::end(self.local);
        }
        if let Some(polling) = polling {
            polling.end(self.local);
        }
        if let Some((watch, threshold)) = watch {
            let reported = watch.end(threshold);
            if let Some(pass) = self.local.pass.take() {
                pass.count(reported);
                self.local.pass.set(Some(pass));
            }
        }
    }

    fn begin_pass(self) -> Self::Pass {
        let threshold = self.local.debug.threshold();
        self.local.pass.set(threshold.map(|_| Pass::begin()));
        self.local.inspection.count_pass();
        (threshold, post::begin_pass(self.local))
    }

    fn end_pass(self, (threshold, published): Self::Pass) {
        if published {
            post::end_pass(self.local);
        }
        if let (Some(threshold), Some(pass)) = (threshold, self.local.pass.take()) {
            // The last cell may be gone, and who is told may ask.
            self.local.executor.rest();
            pass.end(threshold);
        }
    }
}

/// Replaces the thread's context variables. What goes is the user's.
fn install(context: Option<Context>) {
    let previous = context::install(context);
    if previous.is_some() {
        contain_quietly(|| drop(previous));
    }
}

/// Ends the observation of the main future's first poll, which is not part of a pass.
pub(crate) fn end_first_poll(local: &Local) {
    local.spans.end_first_poll();
    post::end_all(local);
    inspect::end_first_poll(local);
    if let (Some(watch), Some(threshold)) = (local.first_poll.take(), local.debug.threshold()) {
        watch.end(threshold);
    }
}

/// Tells that the loop is about to wait; `true` if code of the user's has heard of it.
pub(crate) fn is_about_to_wait(local: &Local) -> bool {
    local.inspection.hooks.parking(local)
}

/// Begins to time a wait. Notes whether it is going to be one of spinning.
pub(crate) fn begin_wait(local: &Local) -> (Instant, bool) {
    let expects_reply = local.expects_reply.get() || local.blocking_jobs.get() > 0;
    (Instant::now(), expects_reply && local.spin.borrow().should_spin())
}

pub(crate) fn end_wait(local: &Local, (begun, spins): (Instant, bool)) {
    local.inspection.count_park(spins, begun.elapsed());
}

/// Tells that the loop has waited.
pub(crate) fn has_waited(local: &Local) {
    local.inspection.hooks.unparked(local);
}
