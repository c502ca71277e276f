//! What is told of a poll that keeps its loop.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::exceptions::{CallbackSource, TaskSource};
use crate::log::{self, Level, Record, Topic};
use crate::watchdog::source::PollSource;
use crate::watchdog::stack::Stack;

/// What is called with each report.
pub(crate) type Callback = Arc<dyn Fn(&BlockedReport) + Send + Sync>;

/// A poll that keeps its loop from everything else; see [`Builder::watchdog`](crate::Builder::watchdog).
#[derive(Debug, Clone)]
pub struct BlockedReport {
    pub(super) source: PollSource,
    pub(super) since: Instant,
    pub(super) elapsed: Duration,
    pub(super) count: u32,
    pub(super) over: bool,
    pub(super) thread: Option<Arc<str>>,
    pub(super) stack: Stack,
}

impl BlockedReport {
    /// What keeps the loop.
    pub fn source(&self) -> &PollSource {
        &self.source
    }

    /// The task that keeps the loop, if it is one.
    pub fn task(&self) -> Option<&TaskSource> {
        self.source.task()
    }

    /// The callback that keeps the loop, if it is one.
    pub fn callback(&self) -> Option<&CallbackSource> {
        self.source.callback()
    }

    /// When the poll began, by the monotonic clock of the system.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// How long the poll has been going on, or took in the end.
    ///
    /// The former does not count the time in which the whole process was stopped, as far as that is known.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Which report of the same poll it is, from 1.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether the poll is over, and this the last report of it.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The name of the loop's thread, if it has one.
    pub fn thread_name(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    /// Where the loop's thread was.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    pub(super) fn log(&self) {
        let thread = self.thread.as_deref().unwrap_or("without a name");
        let what = match self.source {
            PollSource::Task(_) => "a task",
            PollSource::Callback(_) => "a callback",
            PollSource::MainFuture => "the main future",
        };
        let location = self.task().map(TaskSource::location);
        let location: Option<&'static Location<'static>> =
            location.or(self.callback().map(CallbackSource::location));
        let fields = Record {
            duration: Some(self.elapsed),
            task: self.task(),
            callback: self.callback(),
            location,
            topic: Topic::Slow,
            ..Record::new(Level::Warn, format_args!(""))
        };
        if self.over {
            let message = format_args!("{what} has given the loop of thread `{thread}` back");
            log::write(&Record { message, ..fields });
        } else {
            let message = format_args!("{what} is blocking the loop of thread `{thread}`");
            let stack = Some(&self.stack);
            log::write(&Record { message, stack, ongoing: true, ..fields });
        }
    }
}

impl fmt::Display for BlockedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BlockedReport { source, elapsed, .. } = self;
        if self.over {
            return write!(f, "{source} has given its loop back after {elapsed:?}");
        }
        write!(f, "{source} has been blocking its loop for {elapsed:?}\n{}", self.stack)
    }
}
