//! Where a failure comes from.

use std::fmt;
use std::panic::Location;

use crate::task::Id;

/// Names a task that failed; see [`ExceptionContext::task`](crate::ExceptionContext::task).
#[derive(Debug, Clone)]
pub struct TaskSource {
    id: Id,
    name: Option<Box<str>>,
    location: &'static Location<'static>,
}

impl TaskSource {
    pub(crate) fn new(
        id: Id,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> TaskSource {
        TaskSource { id, name: name.map(Box::from), location }
    }

    /// The id of the task.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The name that it was given.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where it was spawned.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

impl fmt::Display for TaskSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("without a name");
        write!(f, "task {} ({name}), spawned at {}", self.id, self.location)
    }
}

/// How a callback came to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallbackKind {
    /// By `call_soon`, of a loop or a handle.
    CallSoon,
    /// By `call_later` or `call_at`, when its time had come.
    CallLater,
    /// By `add_reader`, when its source was readable.
    Reader,
    /// By `add_writer`, when its source was writable.
    Writer,
}

impl fmt::Display for CallbackKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CallbackKind::CallSoon => "call_soon",
            CallbackKind::CallLater => "call_later",
            CallbackKind::Reader => "add_reader",
            CallbackKind::Writer => "add_writer",
        })
    }
}

/// Names a callback that failed; see [`ExceptionContext::callback`](crate::ExceptionContext::callback).
#[derive(Debug, Clone, Copy)]
pub struct CallbackSource {
    kind: CallbackKind,
    location: &'static Location<'static>,
}

impl CallbackSource {
    pub(crate) fn new(kind: CallbackKind, location: &'static Location<'static>) -> CallbackSource {
        CallbackSource { kind, location }
    }

    /// How it came to be called.
    pub fn kind(&self) -> CallbackKind {
        self.kind
    }

    /// Where it was handed to the loop.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

impl fmt::Display for CallbackSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "callback of {}, made at {}", self.kind, self.location)
    }
}
