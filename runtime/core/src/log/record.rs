//! One thing that the loop has to say.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::exceptions::{CallbackSource, Cause, ExceptionContext, TaskSource};
use crate::watchdog::Stack;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Warn,
    Error,
}

/// What it is about: the target of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// `runtime::exception`: failures that nobody handles.
    Exception,
    /// `runtime::slow`: what keeps the loop for too long.
    Slow,
    /// `runtime::debug`: what else debug mode finds wrong.
    Debug,
}

/// A message and its fields. Displayed it is one line with all of them, but for a stack, which comes below.
pub(crate) struct Record<'a> {
    pub(crate) level: Level,
    #[cfg_attr(not(feature = "tracing"), allow(dead_code))]
    pub(crate) topic: Topic,
    pub(crate) message: fmt::Arguments<'a>,
    pub(crate) cause: Option<Cause<'a>>,
    pub(crate) task: Option<&'a TaskSource>,
    pub(crate) callback: Option<&'a CallbackSource>,
    pub(crate) location: Option<&'static Location<'static>>,
    pub(crate) duration: Option<Duration>,
    pub(crate) count: Option<u64>,
    /// Whether the duration is that of something which goes on.
    pub(crate) ongoing: bool,
    pub(crate) stack: Option<&'a Stack>,
}

impl<'a> Record<'a> {
    /// About a failure if it is an error, and else about what debug mode finds.
    pub(crate) fn new(level: Level, message: fmt::Arguments<'a>) -> Record<'a> {
        let topic = match level {
            Level::Error => Topic::Exception,
            Level::Warn => Topic::Debug,
        };
        Record {
            level,
            topic,
            message,
            cause: None,
            task: None,
            callback: None,
            location: None,
            duration: None,
            count: None,
            ongoing: false,
            stack: None,
        }
    }

    /// Adds what is known of a failure.
    pub(crate) fn about(mut self, context: &'a ExceptionContext) -> Record<'a> {
        self.cause = context.cause();
        self.task = context.task();
        self.callback = context.callback();
        self.location = Some(context.location());
        self
    }
}

impl fmt::Display for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        if let Some(count) = self.count {
            write!(f, "; {count} of them")?;
        }
        match (self.duration, self.ongoing) {
            (Some(duration), false) => write!(f, "; it took {duration:?}")?,
            (Some(duration), true) => write!(f, "; for {duration:?} so far")?,
            (None, _) => {}
        }
        match (self.task, self.callback, self.location) {
            (Some(task), _, _) => write!(f, "; {task}")?,
            (None, Some(callback), _) => write!(f, "; {callback}")?,
            (None, None, Some(location)) => write!(f, "; at {location}")?,
            (None, None, None) => {}
        }
        match self.stack {
            Some(stack) => write!(f, "\n{stack}"),
            None => Ok(()),
        }
    }
}
