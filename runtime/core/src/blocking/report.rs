//! What a shutdown of blocking work left behind.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::job::Origin;

/// What became of the jobs that an executor held when it was shut down.
#[derive(Debug, Default, Clone)]
pub struct Report {
    stuck: Vec<StuckJob>,
    dropped: usize,
}

/// A job that was still running when the deadline of a shutdown passed.
///
/// Its thread was detached: the job goes on, and ends with the process at the latest.
#[derive(Debug, Clone)]
pub struct StuckJob {
    location: &'static Location<'static>,
    name: Option<Arc<str>>,
    thread: Arc<str>,
    running: Duration,
}

impl Report {
    /// Makes a report of jobs that still run, and of how many were dropped before they had started.
    pub fn new(stuck: Vec<StuckJob>, dropped: usize) -> Report {
        Report { stuck, dropped }
    }

    /// Returns the jobs that were still running.
    pub fn stuck(&self) -> &[StuckJob] {
        &self.stuck
    }

    /// Returns how many jobs were dropped before they had started.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether no job was left running.
    pub fn is_clean(&self) -> bool {
        self.stuck.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stuck.len() {
            0 => f.write_str("no blocking job left running")?,
            1 => f.write_str("1 blocking job left running")?,
            many => write!(f, "{many} blocking jobs left running")?,
        }
        for job in &self.stuck {
            write!(f, "\n  {job}")?;
        }
        Ok(())
    }
}

impl StuckJob {
    /// Describes a job from `location` that has been running on `thread` for a while.
    pub fn new(
        location: &'static Location<'static>,
        thread: impl Into<Arc<str>>,
        running: Duration,
    ) -> StuckJob {
        StuckJob { location, name: None, thread: thread.into(), running }
    }

    pub(super) fn of(origin: &Origin, thread: Arc<str>, running: Duration) -> StuckJob {
        StuckJob { name: origin.name.clone(), ..StuckJob::new(origin.location, thread, running) }
    }

    /// Returns the place in the source that spawned the job.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Returns the name given to the job, if any.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the name of the thread that runs the job.
    pub fn thread(&self) -> &str {
        &self.thread
    }

    /// Returns for how long the job had been running.
    pub fn running(&self) -> Duration {
        self.running
    }
}

impl fmt::Display for StuckJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            write!(f, "`{name}` ")?;
        }
        write!(
            f,
            "spawned at {}, on thread {} for {:.1?}",
            self.location(),
            self.thread,
            self.running
        )
    }
}
