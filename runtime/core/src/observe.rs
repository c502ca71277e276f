//! The two ways to run the cells of a pass: plainly, or under observation.
//!
//! What has to be done around each cell (install its context variables, time it) would cost every loop if it
//! were asked for each time. So the turn of the loop exists twice, once without a trace of it, and a loop
//! changes to the other when it has a reason.

use std::time::Duration;

use crate::context::{self, Context};
use crate::executor::panics::contain_quietly;
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

/// Each cell runs with its own context variables and in the span that it may have, in debug mode is timed, and
/// for a watchdog is published.
#[derive(Clone, Copy)]
pub(crate) struct Observed<'a> {
    pub(crate) local: &'a Local,
}

impl<'a> Watching for Observed<'a> {
    const OBSERVED: bool = true;
    type Cell = (Option<(Watch, Duration)>, bool, Entered<'a>);
    type Pass = (Option<Duration>, bool);

    fn begin(self) -> Self::Cell {
        let threshold = self.local.debug.threshold();
        let running = self.local.executor.running();
        install(running.as_ref().and_then(|running| running.context()));
        let published = post::begin(self.local, running.as_ref());
        let entered = Entered::begin(self.local, running.as_ref());
        (threshold.map(|threshold| (Watch::begin(running), threshold)), published, entered)
    }

    fn end(self, (watch, published, entered): Self::Cell) {
        drop(entered);
        install(None);
        if published {
            post::end(self.local);
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
    if let (Some(watch), Some(threshold)) = (local.first_poll.take(), local.debug.threshold()) {
        watch.end(threshold);
    }
}
