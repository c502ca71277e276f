//! Debug mode's stop-watches: they report whatever kept the loop from everything else for too long.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::exceptions::{CallbackKind, CallbackSource, TaskSource};
use crate::executor::{Kind, TaskRef};
use crate::log::{self, Level, Record, Topic};

/// One cell under observation, while it is run.
pub(crate) struct Watch {
    /// The cell, kept alive until the report; `None` for the main future.
    cell: Option<TaskRef>,
    begin: Instant,
}

impl Watch {
    pub(crate) fn begin(cell: Option<TaskRef>) -> Watch {
        Watch { cell, begin: Instant::now() }
    }

    /// Reports the cell if it took longer than `threshold`, and returns what was reported.
    pub(crate) fn end(self, threshold: Duration) -> Option<Duration> {
        let took = self.begin.elapsed();
        if took < threshold {
            return None;
        }
        let cell = self.cell.as_ref();
        let task = cell.filter(|cell| cell.is_task()).map(source);
        let callback = cell.and_then(callback);
        let what = match (&task, &callback) {
            (Some(_), _) => "a task kept the loop in one poll",
            (None, Some(_)) => "a callback kept the loop",
            (None, None) => "the main future kept the loop in one poll",
        };
        let location = task.as_ref().map(TaskSource::location);
        log::write(&Record {
            duration: Some(took),
            task: task.as_ref(),
            callback: callback.as_ref(),
            topic: Topic::Slow,
            location: location.or(callback.as_ref().map(CallbackSource::location)),
            ..Record::new(Level::Warn, format_args!("{what}"))
        });
        Some(took)
    }
}

pub(crate) fn source(task: &TaskRef) -> TaskSource {
    let cold = task.cold();
    TaskSource::new(cold.id, cold.name.as_deref(), cold.location)
}

pub(crate) fn callback(cell: &TaskRef) -> Option<CallbackSource> {
    let kind = match cell.kind() {
        Kind::Callback => CallbackKind::CallSoon,
        Kind::Timer => CallbackKind::CallLater,
        Kind::Task | Kind::Proxied | Kind::Root | Kind::Job => return None,
    };
    Some(CallbackSource::new(kind, cell.location()))
}

/// One pass under observation.
pub(crate) struct Pass {
    begin: Instant,
    cells: Cell<u64>,
    /// How much of it has been reported already.
    reported: Cell<Duration>,
}

impl Pass {
    pub(crate) fn begin() -> Pass {
        Pass { begin: Instant::now(), cells: Cell::new(0), reported: Cell::new(Duration::ZERO) }
    }

    /// Counts a cell that has been run, and what [`Watch::end`] said about it.
    pub(crate) fn count(&self, reported: Option<Duration>) {
        match reported {
            None => self.cells.set(self.cells.get() + 1),
            Some(took) => self.reported.set(self.reported.get() + took),
        }
    }

    /// Reports the pass if it took longer than `threshold` though no single cell of it did.
    pub(crate) fn end(self, threshold: Duration) {
        if let Some(took) = self.unexplained(self.begin.elapsed(), threshold) {
            log::write(&Record {
                duration: Some(took),
                count: Some(self.cells.get()),
                topic: Topic::Slow,
                ..Record::new(
                    Level::Warn,
                    format_args!(
                        "tasks and callbacks, none of them slow, kept the loop in one pass"
                    ),
                )
            });
        }
    }

    /// What is left of the time that the pass took when the slow cells are subtracted, if that is too much by
    /// itself.
    fn unexplained(&self, took: Duration, threshold: Duration) -> Option<Duration> {
        let rest = took.saturating_sub(self.reported.get());
        (rest >= threshold && self.cells.get() > 1).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: Duration = Duration::from_millis(100);

    fn pass(small: u64, slow: &[Duration]) -> Pass {
        let pass = Pass::begin();
        slow.iter().for_each(|&took| pass.count(Some(took)));
        (0..small).for_each(|_| pass.count(None));
        pass
    }

    #[test]
    fn a_pass_is_slow_on_account_of_small_cells_only() {
        let took = Duration::from_millis(250);
        assert_eq!(pass(2, &[]).unexplained(took, THRESHOLD), Some(took));
        assert_eq!(pass(2, &[took]).unexplained(took, THRESHOLD), None);
        let half = Duration::from_millis(150);
        assert_eq!(pass(2, &[half]).unexplained(took, THRESHOLD), Some(THRESHOLD));
        assert_eq!(pass(2, &[half, half]).unexplained(took, THRESHOLD), None);
    }

    #[test]
    fn a_single_cell_is_no_slow_pass() {
        assert_eq!(pass(1, &[]).unexplained(THRESHOLD, THRESHOLD), None);
        assert_eq!(pass(0, &[]).unexplained(THRESHOLD, THRESHOLD), None);
    }
}
