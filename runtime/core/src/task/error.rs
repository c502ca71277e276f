//! Why a task has no output.

use std::any::Any;
use std::fmt;
use std::io;

use parking_lot::Mutex;

use crate::blocking::NotRun;
use crate::executor::Reason;
use crate::task::Id;

/// A task ended without an output: it was cancelled, it panicked, or it was a blocking job that was never
/// run.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let error = runtime::spawn(async { panic!("the cat is on the keyboard") }).await.unwrap_err();
///     assert!(error.is_panic());
///     let payload = error.into_panic();
///     assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "the cat is on the keyboard");
/// });
/// ```
pub struct JoinError {
    /// Boxed, so that the result of a join is as small as its good half.
    failure: Box<Failure>,
}

struct Failure {
    id: Id,
    cause: Cause,
}

enum Cause {
    /// With the reason, if the task was asked to end.
    Cancelled(Option<Reason>),
    /// A payload is `Send` but not `Sync`; an error ought to be both.
    Panic(Mutex<Box<dyn Any + Send + 'static>>),
    /// A blocking job that its executor did not take, as when no thread can be started.
    Refused(io::Error),
}

impl JoinError {
    pub(crate) fn cancelled(id: Id, reason: Option<Reason>) -> JoinError {
        JoinError::new(id, Cause::Cancelled(reason))
    }

    pub(crate) fn panicked(
        id: Id,
        payload: Box<dyn Any + Send + 'static>,
        reason: impl FnOnce() -> Option<Reason>,
    ) -> JoinError {
        let cause = match NotRun::of(payload) {
            Ok(NotRun::Cancelled) => Cause::Cancelled(reason()),
            Ok(NotRun::Refused(error)) => Cause::Refused(error),
            Err(payload) => Cause::Panic(Mutex::new(payload)),
        };
        JoinError::new(id, cause)
    }

    fn new(id: Id, cause: Cause) -> JoinError {
        JoinError { failure: Box::new(Failure { id, cause }) }
    }

    /// Whether the task was cancelled or aborted, or dropped by its loop when that closed.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.failure.cause, Cause::Cancelled(_))
    }

    /// The reason that was given when the task was asked to end, the latest one; `None` if it was not
    /// [cancelled](crate::task::JoinHandle::cancel) but aborted, or dropped by its loop.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::run(async {
    ///     let task = runtime::spawn(std::future::pending::<()>());
    ///     task.cancel("the connection is gone");
    ///     let error = task.await.unwrap_err();
    ///     assert_eq!(error.cancel_reason(), Some("the connection is gone"));
    ///     assert!(error.to_string().ends_with("was cancelled: the connection is gone"));
    /// });
    /// ```
    pub fn cancel_reason(&self) -> Option<&str> {
        match &self.failure.cause {
            Cause::Cancelled(reason) => reason.as_deref(),
            Cause::Panic(_) | Cause::Refused(_) => None,
        }
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.failure.cause, Cause::Panic(_))
    }

    /// The payload of the panic, to be examined or passed to [`std::panic::resume_unwind`].
    ///
    /// # Panics
    ///
    /// If the task did not panic; see [`JoinError::try_into_panic`].
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        self.try_into_panic().expect(
            "`JoinError::into_panic` called on an error that is not a panic; ask `is_panic` first",
        )
    }

    /// The payload of the panic.
    ///
    /// # Errors
    ///
    /// Gives the error back if the task did not panic.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, JoinError> {
        let Failure { id, cause } = *self.failure;
        match cause {
            Cause::Panic(payload) => Ok(payload.into_inner()),
            cause => Err(JoinError::new(id, cause)),
        }
    }

    /// The id of the task.
    pub fn id(&self) -> Id {
        self.failure.id
    }

    fn panic_message(&self) -> Option<String> {
        let Cause::Panic(payload) = &self.failure.cause else { return None };
        let payload = payload.lock();
        let text = payload.downcast_ref::<&'static str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned())
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.failure.cause, self.panic_message()) {
            (Cause::Cancelled(None), _) => write!(f, "task {} was cancelled", self.failure.id),
            (Cause::Cancelled(Some(reason)), _) => {
                write!(f, "task {} was cancelled: {reason}", self.failure.id)
            }
            (Cause::Refused(error), _) => {
                write!(f, "blocking job {} was not run: {error}", self.failure.id)
            }
            (Cause::Panic(_), Some(text)) => {
                write!(f, "task {} panicked with message {text:?}", self.failure.id)
            }
            (Cause::Panic(_), None) => write!(f, "task {} panicked", self.failure.id),
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.failure.cause, self.panic_message()) {
            (Cause::Cancelled(None), _) => {
                write!(f, "JoinError::Cancelled({:?})", self.failure.id)
            }
            (Cause::Cancelled(Some(reason)), _) => {
                write!(f, "JoinError::Cancelled({:?}, {reason:?})", self.failure.id)
            }
            (Cause::Refused(error), _) => {
                write!(f, "JoinError::Refused({:?}, {error:?})", self.failure.id)
            }
            (Cause::Panic(_), Some(text)) => {
                write!(f, "JoinError::Panic({:?}, {text:?}, ...)", self.failure.id)
            }
            (Cause::Panic(_), None) => write!(f, "JoinError::Panic({:?}, ...)", self.failure.id),
        }
    }
}

impl std::error::Error for JoinError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.failure.cause {
            Cause::Refused(error) => Some(error),
            Cause::Cancelled(_) | Cause::Panic(_) => None,
        }
    }
}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> io::Error {
        io::Error::other(error)
    }
}
