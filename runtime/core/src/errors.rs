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

/// [`Runtime::run_until`](crate::Runtime::run_until) returned before its future was done.
///
/// # Examples
///
/// ```
/// use std::pin::pin;
///
/// # fn main() -> std::io::Result<()> {
/// let rt = runtime::Runtime::new()?;
/// rt.stop();
/// let stopped = rt.run_until(pin!(std::future::pending::<()>())).unwrap_err();
/// assert!(!stopped.is_closed());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    closed: bool,
}

impl Stopped {
    pub(crate) fn by_request() -> Stopped {
        Stopped { closed: false }
    }

    pub(crate) fn by_close() -> Stopped {
        Stopped { closed: true }
    }

    /// Whether the loop is closed, so that there is no use in trying again.
    pub fn is_closed(&self) -> bool {
        self.closed
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.closed {
            true => "the runtime is closed, and its future not done",
            false => "the runtime was stopped before its future was done",
        })
    }
}

impl std::error::Error for Stopped {}

/// A loop that is running was to be closed.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// # fn main() -> std::io::Result<()> {
/// let rt = Rc::new(runtime::Runtime::new()?);
/// let inside = rt.clone();
/// let error = rt.block_on(async move { inside.close().unwrap_err() });
/// assert_eq!(error.to_string(), "a runtime cannot be closed while it is running");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseError {
    _private: (),
}

impl CloseError {
    pub(crate) fn running() -> CloseError {
        CloseError { _private: () }
    }
}

impl fmt::Display for CloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a runtime cannot be closed while it is running")
    }
}

impl std::error::Error for CloseError {}

impl From<CloseError> for io::Error {
    fn from(error: CloseError) -> io::Error {
        io::Error::new(io::ErrorKind::ResourceBusy, error)
    }
}
