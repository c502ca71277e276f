//! The ways in which waiting goes wrong.

use std::error::Error;
use std::fmt;
use std::io;

/// Says that a deadline passed before the future was done.
///
/// Given by [`timeout`](super::timeout), [`timeout_at`](super::timeout_at) and
/// [`TimeoutScope::run`](super::TimeoutScope::run). It converts to an
/// [`io::Error`] of the kind [`TimedOut`](io::ErrorKind::TimedOut), so that `?` works in functions that
/// return `io::Result`.
///
/// # Examples
///
/// ```
/// use std::future::pending;
/// use std::io;
/// use std::time::Duration;
///
/// async fn never() -> io::Result<()> {
///     runtime::time::timeout(Duration::from_millis(1), pending::<()>()).await?;
///     Ok(())
/// }
///
/// let error = runtime::run(never()).unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::TimedOut);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed(());

impl Elapsed {
    pub(super) fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(elapsed: Elapsed) -> Self {
        Self::new(io::ErrorKind::TimedOut, elapsed)
    }
}
