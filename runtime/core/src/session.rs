//! What stands around the running of a loop.

use std::panic::Location;
use std::rc::Rc;

use crate::context::{self, Context};
use crate::executor::{Open, panics::contain_quietly};
use crate::inspect;
use crate::local::Local;
use crate::observe;
use crate::spans;
use crate::watch::Watch;
use crate::watchdog::post;

/// What stands around the running of a loop, from the first poll of its main future to the last turn, besides
/// its being marked as running.
///
/// The mark is a guard of its own: two small ones cost less than one that does both.
pub(crate) struct Session<'a> {
    local: &'a Rc<Local>,
    pub(crate) open: Open,
}

impl<'a> Session<'a> {
    /// # Panics
    ///
    /// If the loop is closed.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn begin(local: &'a Rc<Local>, main: Main) -> Session<'a> {
        let open = match local.executor.special().none() {
            Some(open) => open,
            None => begin_specially(local, main),
        };
        local.core.shared.run_at.begin(Location::caller());
        Session { local, open }
    }
}

impl Drop for Session<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.local.executor.special().any() {
            end_specially(self.local);
        }
        self.local.core.shared.run_at.end();
    }
}

/// What is known of the main future of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Main {
    /// There is none.
    None,
    /// It is polled before the first turn.
    PolledAtOnce,
    /// It is polled in passes only.
    InPasses,
}

/// Puts the thread's context variables aside while each cell has its own; the main future begins with them.
#[cold]
#[track_caller]
fn begin_specially(local: &Local, main: Main) -> Open {
    let open = local.executor.special().expect_open();
    if local.executor.special().is_traced() && main != Main::None {
        local.spans.begin(Location::caller(), main == Main::PolledAtOnce);
    }
    let context: Option<Context> = context::snapshot();
    local.executor.set_root_context(context.clone());
    local.base_context.set(context);
    local.inspection.set_run(true);
    if main == Main::PolledAtOnce {
        inspect::begin_first_poll(local);
    }
    local.first_poll.set(local.debug.threshold().map(|_| Watch::begin(None)));
    if post::begin_pass(local) {
        post::begin(local, local.executor.root().as_ref());
    }
    open
}

#[cold]
fn end_specially(local: &Rc<Local>) {
    local.executor.rest();
    observe::end_first_poll(local);
    local.inspection.set_run(false);
    local.spans.end();
    spans::heed(local);
    local.executor.set_root_context(None);
    let last = context::install(local.base_context.take());
    contain_quietly(|| drop(last));
}
