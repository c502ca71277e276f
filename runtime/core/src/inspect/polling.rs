//! A cell under inspection, while it is run.

use std::time::{Duration, Instant};

use crate::executor::TaskRef;
use crate::local::Local;
use crate::time::TimerKey;

use super::hooks::TaskMeta;

/// A cell under inspection, while it is run.
pub(crate) struct Polling {
    /// Kept alive until the end.
    cell: Option<TaskRef>,
    /// Whether it had its outcome before.
    was_finished: bool,
    /// Whether its future is not to be polled, but dropped.
    is_drop: bool,
    /// When it began, and how long the cell had waited for it, while figures are counted.
    begun: Option<(Instant, Option<Duration>)>,
    /// The latest timer that was there before.
    latest: Option<TimerKey>,
    /// Whether it is polled within another poll, which counts the time.
    within: bool,
}

impl Polling {
    /// For a task that is started by another one.
    pub(crate) fn begin_within(local: &Local) -> Polling {
        Polling { within: true, ..Polling::begin(local) }
    }

    pub(crate) fn begin(local: &Local) -> Polling {
        let cell = local.executor.running();
        let was_finished = cell.as_ref().is_some_and(TaskRef::is_finished);
        let is_drop = cell.as_ref().is_some_and(TaskRef::is_aborted);
        if let Some(task) = cell.as_ref().filter(|cell| cell.is_task() && !was_finished && !is_drop)
        {
            local.inspection.hooks.before_poll(local, task);
        }
        let begun = (local.inspection.is_counting() && !is_drop).then(|| {
            let now = Instant::now();
            let future = cell.as_ref().filter(|cell| cell.has_future());
            (now, future.and_then(|cell| local.executor.take_delay(cell, now)))
        });
        let latest = begun.and_then(|_| local.timers.latest());
        Polling { cell, was_finished, is_drop, begun, latest, within: false }
    }

    pub(crate) fn end(self, local: &Local) {
        let inspection = &local.inspection;
        let Polling { cell, was_finished, is_drop, begun, latest, within } = self;
        if was_finished {
            return;
        }
        if let Some((begun, delay)) = begun.filter(|_| inspection.is_counting()) {
            let took = begun.elapsed();
            let future = cell.as_ref().filter(|cell| cell.has_future());
            inspection.count_poll(future, took, delay, within);
            inspection.foreign.note_timers(local, future, latest);
        }
        let Some(task) = cell.filter(TaskRef::is_task) else { return };
        if !is_drop {
            inspection.hooks.after_poll(local, &task);
        }
        if task.is_finished() {
            ended(local, &task);
        }
    }
}

/// Hears that a task has come to its end.
fn ended(local: &Local, task: &TaskRef) {
    local.inspection.count_completed();
    local.inspection.hooks.terminate(local, task);
}

impl Local {
    /// Hears of a new task, before it is queued.
    #[cold]
    pub(crate) fn task_spawned(&self, task: &TaskRef) {
        if !self.executor.special().is_closing() {
            self.executor.note_spawned(task);
            self.inspection.count_spawned();
            self.inspection.hooks.spawned(self, task);
        }
    }
}

/// The tasks that end because their loop closes.
pub(crate) struct Ending(Vec<TaskRef>);

impl Ending {
    /// Looks at them before that; sees nothing unless somebody wants to know.
    pub(crate) fn of(local: &Local) -> Ending {
        let inspected = local.executor.special().is_inspected();
        Ending(if inspected { local.executor.unfinished() } else { Vec::new() })
    }

    /// Tells of them when they have ended.
    pub(crate) fn tell(self, local: &Local) {
        // The oldest first.
        self.0.iter().rev().for_each(|task| ended(local, task));
    }
}

impl TaskMeta<'_> {
    pub(super) fn of(task: &TaskRef) -> TaskMeta<'_> {
        let cold = task.cold();
        TaskMeta::new(cold.id, cold.name.as_deref(), cold.location)
    }
}
