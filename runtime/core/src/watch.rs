//! Debug mode's stop-watches: they report whatever kept the loop from everything else for too long.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::exceptions::TaskSource;
use crate::executor::TaskRef;
use crate::log::{self, Level, Record};

/// One poll under observation.
pub(crate) struct Watch {
    /// The task, kept alive until the report; `None` for the future given to `block_on`.
    task: Option<TaskRef>,
    begin: Instant,
}

impl Watch {
    pub(crate) fn begin(task: Option<TaskRef>) -> Watch {
        Watch { task, begin: Instant::now() }
    }

    /// Reports the poll if it took longer than `threshold`, and returns what was reported.
    pub(crate) fn end(self, threshold: Duration) -> Option<Duration> {
        let took = self.begin.elapsed();
        if took < threshold {
            return None;
        }
        match &self.task {
            None => log::write(&Record {
                duration: Some(took),
                ..Record::new(
                    Level::Warn,
                    format_args!("the main future kept the loop in one poll"),
                )
            }),
            Some(task) => log::write(&Record {
                duration: Some(took),
                task: Some(&source(task)),
                location: Some(task.location()),
                ..Record::new(Level::Warn, format_args!("a task kept the loop in one poll"))
            }),
        }
        Some(took)
    }
}

pub(crate) fn source(task: &TaskRef) -> TaskSource {
    let cold = task.cold();
    TaskSource::new(cold.id, cold.name.as_deref(), cold.location)
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
        let took = self.begin.elapsed().saturating_sub(self.reported.get());
        if took < threshold || self.cells.get() < 2 {
            return;
        }
        log::write(&Record {
            duration: Some(took),
            count: Some(self.cells.get()),
            ..Record::new(
                Level::Warn,
                format_args!("tasks and callbacks, none of them slow, kept the loop in one pass"),
            )
        });
    }
}
