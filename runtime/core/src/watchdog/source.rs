//! What a loop may be busy with.

use std::fmt;
use std::time::{Duration, Instant};

use crate::exceptions::{CallbackSource, TaskSource};
use crate::executor::{Kind, TaskRef};
use crate::watch;

/// What a loop is busy with; see [`BlockedReport::source`](super::BlockedReport::source) and
/// [`Handle::current_poll`](crate::Handle::current_poll).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PollSource {
    /// A task.
    Task(TaskSource),
    /// A callback.
    Callback(CallbackSource),
    /// The future given to `block_on` and its like.
    MainFuture,
}

impl PollSource {
    pub(super) fn of(cell: &TaskRef) -> PollSource {
        match cell.kind() {
            Kind::Task | Kind::Proxied => PollSource::Task(watch::source(cell)),
            Kind::Root | Kind::Callback | Kind::Timer | Kind::Job => {
                watch::callback(cell).map_or(PollSource::MainFuture, PollSource::Callback)
            }
        }
    }

    /// The task, if it is one.
    pub fn task(&self) -> Option<&TaskSource> {
        match self {
            PollSource::Task(task) => Some(task),
            _ => None,
        }
    }

    /// The callback, if it is one.
    pub fn callback(&self) -> Option<&CallbackSource> {
        match self {
            PollSource::Callback(callback) => Some(callback),
            _ => None,
        }
    }
}

impl fmt::Display for PollSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PollSource::Task(task) => task.fmt(f),
            PollSource::Callback(callback) => callback.fmt(f),
            PollSource::MainFuture => f.write_str("the main future"),
        }
    }
}

/// A poll that a loop is in; see [`Handle::current_poll`](crate::Handle::current_poll).
#[derive(Debug, Clone)]
pub struct CurrentPoll {
    source: PollSource,
    since: Instant,
}

impl CurrentPoll {
    pub(super) fn new(source: PollSource, since: Instant) -> CurrentPoll {
        CurrentPoll { source, since }
    }

    /// What is polled, or called.
    pub fn source(&self) -> &PollSource {
        &self.source
    }

    /// When the poll began, by the monotonic clock of the system.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// For how long it has been going on.
    pub fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }
}

impl fmt::Display for CurrentPoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, for {:?} so far", self.source, self.elapsed())
    }
}
