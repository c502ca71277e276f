//! What went wrong in a group.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io;
use std::vec;

use crate::task::JoinError;

/// All that went wrong in a [`TaskGroup`](crate::task::TaskGroup), in the order in which it happened; or that
/// the group was cancelled.
///
/// The text has all errors, in one line; with `{:#}` each has a line of its own, as its own `{:#}` has it. The
/// [source](Error::source) is that of the first error, whose own text is part of this one's.
///
/// It is an [`Error`] if `E` is one. For types that are not, such as `anyhow::Error` and `Box<dyn Error>`, there
/// are [`map_errors`](GroupError::map_errors), and functions that make an error of what can be displayed:
/// `TaskGroup::run(..).await.map_err(anyhow::Error::msg)?`.
///
/// # Examples
///
/// ```
/// use std::io;
///
/// use runtime::task::{ChildError, TaskGroup};
///
/// runtime::run(async {
///     let result = TaskGroup::<io::Error>::run(async |group| {
///         group.spawn(async { Err::<(), _>(io::ErrorKind::NotFound.into()) });
///         Ok(())
///     });
///     for error in result.await.unwrap_err() {
///         match error {
///             ChildError::Failed(error) => assert_eq!(error.kind(), io::ErrorKind::NotFound),
///             ChildError::Panicked(panic) => unreachable!("{panic}"),
///         }
///     }
/// });
/// ```
#[derive(Debug)]
pub struct GroupError<E> {
    errors: Vec<ChildError<E>>,
    cancelled: Option<Cancelled>,
}

/// That a group was cancelled, and why.
#[derive(Debug)]
pub(super) struct Cancelled {
    pub(super) reason: Cow<'static, str>,
    pub(super) by: Canceller,
}

/// Who has cancelled a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Canceller {
    /// Somebody who has its handle.
    Handle,
    /// Its time limit.
    Limit,
    /// Whoever asked its task to end.
    Task,
    /// The same, when something had failed before.
    TaskThen,
}

/// One of the errors in a [`GroupError`]. Its text and source are those of what is in it.
#[derive(Debug)]
pub enum ChildError<E> {
    /// A child, or the body, returned an `Err`.
    Failed(E),
    /// A child panicked; the panic [can be taken out](JoinError::try_into_panic).
    Panicked(JoinError),
}

impl<E> GroupError<E> {
    pub(super) fn new(errors: Vec<ChildError<E>>, cancelled: Option<Cancelled>) -> GroupError<E> {
        GroupError { errors, cancelled }
    }

    /// The errors; none, if the group was merely cancelled.
    pub fn errors(&self) -> &[ChildError<E>] {
        &self.errors
    }

    /// The first of the errors, which ended the group if nothing else had done so before.
    pub fn first(&self) -> Option<&ChildError<E>> {
        self.errors.first()
    }

    /// The errors themselves.
    pub fn into_errors(self) -> Vec<ChildError<E>> {
        self.errors
    }

    /// The first of the errors itself.
    pub fn into_first(self) -> Option<ChildError<E>> {
        self.errors.into_iter().next()
    }

    /// Whether the group was cancelled: by [`TaskGroup::cancel`](crate::task::TaskGroup::cancel) or a
    /// [time limit](crate::task::group::GroupBuilder::timeout), before anything had failed; or because its task
    /// was asked to end, at whatever time. There may be errors all the same.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_some()
    }

    /// Why the group was cancelled, if it was. Of several reasons it is the task's, if that was asked to end.
    pub fn cancel_reason(&self) -> Option<&str> {
        self.cancelled.as_ref().map(|cancelled| &*cancelled.reason)
    }

    /// Whether it was the [time limit](crate::task::group::GroupBuilder::timeout) that cancelled the group.
    pub fn is_elapsed(&self) -> bool {
        self.cancelled.as_ref().is_some_and(|cancelled| cancelled.by == Canceller::Limit)
    }

    /// The same with other errors: `f` is called with each that a child, or the body, has returned.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::error::Error;
    /// use std::io;
    ///
    /// use runtime::task::TaskGroup;
    ///
    /// async fn work() -> Result<(), Box<dyn Error>> {
    ///     let group = TaskGroup::<Box<dyn Error>>::run(async |group| {
    ///         group.spawn(async { Err::<(), _>("the lamp is out".into()) });
    ///         Ok(())
    ///     });
    ///     // A `Box<dyn Error>` is no `Error` itself, and neither is a group's error that is made of it.
    ///     group.await.map_err(|error| error.map_errors(|error| io::Error::other(error.to_string())))?;
    ///     Ok(())
    /// }
    ///
    /// runtime::run(async {
    ///     let error = work().await.unwrap_err();
    ///     assert_eq!(error.to_string(), "the task group failed: the lamp is out");
    /// });
    /// ```
    pub fn map_errors<F>(self, mut f: impl FnMut(E) -> F) -> GroupError<F> {
        let GroupError { errors, cancelled } = self;
        let errors = errors.into_iter().map(|error| match error {
            ChildError::Failed(error) => ChildError::Failed(f(error)),
            ChildError::Panicked(panic) => ChildError::Panicked(panic),
        });
        GroupError { errors: errors.collect(), cancelled }
    }
}

impl<E> ChildError<E> {
    /// Whether it was a panic.
    pub fn is_panic(&self) -> bool {
        matches!(self, ChildError::Panicked(_))
    }

    /// What the child returned.
    ///
    /// # Errors
    ///
    /// The panic, if it was one.
    pub fn into_failure(self) -> Result<E, JoinError> {
        match self {
            ChildError::Failed(error) => Ok(error),
            ChildError::Panicked(panic) => Err(panic),
        }
    }
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors.len();
        match &self.cancelled {
            Some(Cancelled { reason, .. }) if count == 0 => {
                return write!(f, "the task group was cancelled: {reason}");
            }
            Some(Cancelled { reason, by: Canceller::TaskThen }) => {
                write!(f, "the task group failed{}, and was cancelled ({reason})", Times(count))?;
            }
            Some(Cancelled { reason, .. }) => {
                write!(
                    f,
                    "the task group was cancelled ({reason}), and then failed{}",
                    Times(count)
                )?;
            }
            None => write!(f, "the task group failed{}", Times(count))?,
        }
        for (index, error) in self.errors.iter().enumerate() {
            if f.alternate() {
                write!(f, "\n{:>4}. {error:#}", index + 1)?;
            } else {
                write!(f, "{} {error}", if index == 0 { ":" } else { ";" })?;
            }
        }
        Ok(())
    }
}

/// How many times, if it was more than one.
struct Times(usize);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 | 1 => Ok(()),
            times => write!(f, " {times} times"),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ChildError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChildError::Failed(error) => error.fmt(f),
            ChildError::Panicked(panic) => panic.fmt(f),
        }
    }
}

impl<E: Error + 'static> Error for GroupError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.errors.first().and_then(Error::source)
    }
}

impl<E: Error + 'static> Error for ChildError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ChildError::Failed(error) => error.source(),
            ChildError::Panicked(panic) => panic.source(),
        }
    }
}

impl<E> IntoIterator for GroupError<E> {
    type Item = ChildError<E>;
    type IntoIter = vec::IntoIter<ChildError<E>>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

/// Of the kind [`TimedOut`](io::ErrorKind::TimedOut) if the time limit is all that went wrong.
impl<E: Error + Send + Sync + 'static> From<GroupError<E>> for io::Error {
    fn from(error: GroupError<E>) -> io::Error {
        let timed_out = error.is_elapsed() && error.errors.is_empty();
        let kind = if timed_out { io::ErrorKind::TimedOut } else { io::ErrorKind::Other };
        io::Error::new(kind, error)
    }
}
