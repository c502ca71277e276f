//! A transfer that failed, with how far it had come.

use std::error::Error;
use std::fmt;
use std::io;

/// A file was not sent, or not in full: how many bytes were, and what went wrong.
///
/// Becomes an [`io::Error`] of the same kind by `?`; [`io::Error::get_ref`] leads back here.
///
/// # Examples
///
/// To go on later where it ended:
///
/// ```
/// use std::fs::File;
/// use std::io;
/// use runtime::net::{self, TcpStream};
///
/// /// Sends a file in as many connections as it takes, each of which begins with the number it begins at.
/// async fn deliver(file: &File, connect: impl AsyncFn(u64) -> io::Result<TcpStream>) -> io::Result<()> {
///     let mut offset = 0;
///     loop {
///         let stream = connect(offset).await?;
///         match net::sendfile(&stream, file, offset, None).await {
///             Ok(_) => return Ok(()),
///             Err(error) if error.sent() > 0 => offset += error.sent(),
///             Err(error) => return Err(error.into()),
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct SendFileError {
    pub(super) sent: u64,
    pub(super) cause: io::Error,
}

impl SendFileError {
    /// Returns how many bytes the stream has taken; the peer need not have got all of them.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Returns the kind of the cause.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.cause.kind()
    }

    /// Returns what went wrong, with its number from the system.
    #[must_use]
    pub fn into_cause(self) -> io::Error {
        self.cause
    }
}

impl From<SendFileError> for io::Error {
    fn from(error: SendFileError) -> io::Error {
        io::Error::new(error.kind(), error)
    }
}

impl fmt::Display for SendFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not send the file after {} bytes of it: {}", self.sent, self.cause)
    }
}

impl Error for SendFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
