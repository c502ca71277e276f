//! The entrance of a loop's executor, which can be shut whatever the executor is.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::executor::Executor;
use super::job::Job;
use super::report::Report;

/// The executor of a loop, and whether the loop still hands it jobs.
///
/// An executor that is shared with others may go on when the loop has been told to start no more jobs.
pub(crate) struct Gate {
    executor: Arc<dyn Executor>,
    shut: AtomicBool,
}

impl Gate {
    pub(crate) fn new(executor: Arc<dyn Executor>) -> Gate {
        Gate { executor, shut: AtomicBool::new(false) }
    }
}

impl Executor for Gate {
    fn execute(&self, job: Job) -> io::Result<()> {
        // Relaxed: a job that arrives during the shutdown may be on either side of it.
        if self.shut.load(Ordering::Relaxed) {
            return Err(io::Error::other("the blocking executor of this loop has been shut down"));
        }
        (*self.executor).execute(job)
    }

    fn shutdown(&self, deadline: Option<Duration>) -> Report {
        self.shut.store(true, Ordering::Relaxed);
        (*self.executor).shutdown(deadline)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("shut", &self.shut).finish_non_exhaustive()
    }
}
