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
/// The text has all errors, in one line; with `{:#}` each has a line of its own, with its sources below. The
/// [source](Error::source) is that of the first error, whose own text is part of this one's.
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
    reason: Option<Cow<'static, str>>,
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
    pub(super) fn new(
        errors: Vec<ChildError<E>>,
        reason: Option<Cow<'static, str>>,
    ) -> GroupError<E> {
        GroupError { errors, reason }
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

    /// Whether the group was cancelled before anything had failed. There may be errors all the same, from the
    /// time between that and the group's end.
    pub fn is_cancelled(&self) -> bool {
        self.reason.is_some()
    }

    /// Why the group was cancelled, if it was; see [`TaskGroup::cancel`](crate::task::TaskGroup::cancel).
    pub fn cancel_reason(&self) -> Option<&str> {
        self.reason.as_deref()
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
        match (&self.reason, self.errors.len()) {
            (Some(reason), 0) => return write!(f, "the task group was cancelled: {reason}"),
            (Some(reason), 1) => {
                write!(f, "the task group was cancelled ({reason}), and then failed")?;
            }
            (Some(reason), count) => {
                write!(
                    f,
                    "the task group was cancelled ({reason}), and then failed {count} times"
                )?;
            }
            (None, 0 | 1) => f.write_str("the task group failed")?,
            (None, count) => write!(f, "the task group failed {count} times")?,
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

impl<E: Error + Send + Sync + 'static> From<GroupError<E>> for io::Error {
    fn from(error: GroupError<E>) -> io::Error {
        io::Error::other(error)
    }
}
