//! What is known of a failure.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::panic::Location;

use crate::blocking::NotRun;
use crate::context::{self, Context};
use crate::exceptions::source::{CallbackKind, CallbackSource, TaskSource};
use crate::executor::panics::Payload;

/// What an exception handler is told: a message, the payload of the panic, and where it comes from.
///
/// The loop makes one for each failure that nobody asked after; a program may make its own and hand it to
/// [`Handle::call_exception_handler`](crate::Handle::call_exception_handler). It may be sent to other
/// threads.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// # fn main() -> std::io::Result<()> {
/// let seen = Rc::new(RefCell::new(Vec::new()));
/// let rt = runtime::Builder::new()
///     .exception_handler({
///         let seen = seen.clone();
///         move |context| seen.borrow_mut().push(context.to_string())
///     })
///     .build()?;
/// rt.call_exception_handler(runtime::ExceptionContext::new("the cache is cold")).unwrap();
/// assert!(seen.borrow()[0].starts_with("the cache is cold"));
/// # Ok(())
/// # }
/// ```
pub struct ExceptionContext {
    message: Cow<'static, str>,
    payload: Option<Payload>,
    source: Source,
    /// The context variables where it failed.
    variables: Option<Context>,
    /// Whether the policy for unhandled panics applies.
    unhandled_panic: bool,
}

enum Source {
    Task(TaskSource),
    Callback(CallbackSource),
    Program(&'static Location<'static>),
}

impl ExceptionContext {
    /// Describes a failure in words.
    #[track_caller]
    pub fn new(message: impl Into<Cow<'static, str>>) -> ExceptionContext {
        ExceptionContext {
            message: message.into(),
            payload: None,
            source: Source::Program(Location::caller()),
            variables: context::snapshot(),
            unhandled_panic: false,
        }
    }

    /// Adds what a panic carried, as [`std::panic::catch_unwind`] and
    /// [`JoinError::into_panic`](crate::task::JoinError::into_panic) give it, or anything else that the
    /// handler may want.
    pub fn with_payload(mut self, payload: Box<dyn Any + Send + 'static>) -> ExceptionContext {
        self.payload = Some(payload);
        self
    }

    /// Describes the end of a task whose outcome nobody took; `None` if it is not a failure: a blocking job
    /// that was cancelled unwinds, too. Runs no code of the user's.
    pub(crate) fn of_task(
        task: TaskSource,
        variables: Option<Context>,
        payload: Payload,
    ) -> Option<ExceptionContext> {
        let (message, payload, unhandled_panic) = match NotRun::of(payload) {
            Ok(NotRun::Cancelled) => return None,
            Ok(NotRun::Refused(error)) => (
                "a blocking job was refused, and nobody asked for its outcome",
                Box::new(error) as Payload,
                false,
            ),
            Err(payload) => ("a task panicked, and nobody asked for its outcome", payload, true),
        };
        Some(ExceptionContext {
            message: Cow::Borrowed(message),
            payload: Some(payload),
            source: Source::Task(task),
            variables,
            unhandled_panic,
        })
    }

    /// Describes the panic of a callback.
    pub(crate) fn of_callback(
        kind: CallbackKind,
        location: &'static Location<'static>,
        variables: Option<Context>,
        payload: Payload,
    ) -> ExceptionContext {
        ExceptionContext {
            message: Cow::Borrowed("a callback panicked"),
            payload: Some(payload),
            source: Source::Callback(CallbackSource::new(kind, location)),
            variables,
            unhandled_panic: true,
        }
    }

    /// Describes the panic of a hook.
    pub(crate) fn of_hook(
        message: String,
        location: &'static Location<'static>,
        payload: Payload,
    ) -> ExceptionContext {
        ExceptionContext {
            message: Cow::Owned(message),
            payload: Some(payload),
            source: Source::Program(location),
            variables: None,
            unhandled_panic: true,
        }
    }

    /// What happened, in words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the panic carried. For a blocking job that its executor refused it is an [`io::Error`].
    pub fn payload(&self) -> Option<&(dyn Any + Send + 'static)> {
        self.payload.as_deref()
    }

    /// Moves the payload out, to be passed on with [`std::panic::resume_unwind`], for example.
    pub fn into_payload(self) -> Option<Box<dyn Any + Send + 'static>> {
        self.payload
    }

    /// The text that the panic carried, as those of `panic!` do.
    pub fn panic_message(&self) -> Option<&str> {
        text_of(self.payload()?)
    }

    /// The task that failed.
    pub fn task(&self) -> Option<&TaskSource> {
        match &self.source {
            Source::Task(task) => Some(task),
            Source::Callback(_) | Source::Program(_) => None,
        }
    }

    /// The callback that failed.
    pub fn callback(&self) -> Option<&CallbackSource> {
        match &self.source {
            Source::Callback(callback) => Some(callback),
            Source::Task(_) | Source::Program(_) => None,
        }
    }

    /// Where the task was spawned, the callback made, or else [`ExceptionContext::new`] called.
    pub fn location(&self) -> &'static Location<'static> {
        match &self.source {
            Source::Task(task) => task.location(),
            Source::Callback(callback) => callback.location(),
            Source::Program(location) => location,
        }
    }

    pub(crate) fn variables(&self) -> Option<Context> {
        self.variables.clone()
    }

    pub(crate) fn is_unhandled_panic(&self) -> bool {
        self.unhandled_panic
    }

    /// The payload in words, as far as it is known to have any.
    pub(crate) fn cause(&self) -> Option<Cause<'_>> {
        let payload = self.payload()?;
        if let Some(error) = payload.downcast_ref::<io::Error>() {
            return Some(Cause::Error(error));
        }
        text_of(payload).map(Cause::Panic)
    }
}

/// The text of a panic's payload, if it is one.
pub(crate) fn text_of<'a>(payload: &'a (dyn Any + Send + 'static)) -> Option<&'a str> {
    match payload.downcast_ref::<&'static str>() {
        Some(text) => Some(text),
        None => payload.downcast_ref::<String>().map(String::as_str),
    }
}

/// Why it failed.
pub(crate) enum Cause<'a> {
    Panic(&'a str),
    Error(&'a io::Error),
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Panic(text) => write!(f, "{text:?}"),
            Cause::Error(error) => write!(f, "{error}"),
        }
    }
}

impl fmt::Display for ExceptionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(cause) = self.cause() {
            write!(f, ": {cause}")?;
        }
        match &self.source {
            Source::Task(task) => write!(f, "; {task}"),
            Source::Callback(callback) => write!(f, "; {callback}"),
            Source::Program(location) => write!(f, "; reported at {location}"),
        }
    }
}

impl fmt::Debug for ExceptionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExceptionContext")
            .field("message", &self.message)
            .field("panic_message", &self.panic_message())
            .field("task", &self.task())
            .field("callback", &self.callback())
            .field("location", &self.location())
            .finish_non_exhaustive()
    }
}
