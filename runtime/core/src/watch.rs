//! Debug mode: reports each poll that kept the loop from everything else for too long.

use std::time::{Duration, Instant};

use crate::executor::TaskRef;
use crate::log;

/// The threshold unless the builder says otherwise.
pub(crate) const SLOW_CALLBACK_DURATION: Duration = Duration::from_millis(100);

/// Whether the environment asks for debug mode: `RUNTIME_DEBUG` is set, and neither empty nor `0`.
pub(crate) fn wanted_by_environment() -> bool {
    std::env::var_os("RUNTIME_DEBUG").is_some_and(|value| !value.is_empty() && value != "0")
}

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

    /// Reports the poll if it took longer than `threshold`.
    pub(crate) fn end(self, threshold: Duration) {
        let took = self.begin.elapsed();
        if took < threshold {
            return;
        }
        match &self.task {
            None => log::warn(format_args!("the main future took {took:?} in one poll")),
            Some(task) => {
                let name = task.cold().name.as_deref().unwrap_or("without a name");
                let (id, location) = (task.cold().id, task.location());
                log::warn(format_args!(
                    "task {id} ({name}), spawned at {location}, took {took:?} in one poll"
                ));
            }
        }
    }
}
