//! Why a call on a loop came to nothing.

use std::fmt;
use std::io;

/// The loop is closed, and takes nothing any more.
///
/// # Examples
///
/// ```
/// use runtime::{ExceptionContext, Runtime};
///
/// # fn main() -> std::io::Result<()> {
/// let rt = Runtime::new()?;
/// let handle = rt.handle().clone();
/// drop(rt);
/// let error = handle.call_exception_handler(ExceptionContext::new("too late")).unwrap_err();
/// assert_eq!(error.to_string(), "the runtime is closed");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    _private: (),
}

impl Closed {
    pub(crate) fn new() -> Closed {
        Closed { _private: () }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime is closed")
    }
}

impl std::error::Error for Closed {}

impl From<Closed> for io::Error {
    fn from(error: Closed) -> io::Error {
        io::Error::new(io::ErrorKind::NotConnected, error)
    }
}
