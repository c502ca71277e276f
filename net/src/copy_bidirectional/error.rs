//! A copy that failed, with how far it had come.

use std::error::Error;
use std::fmt;
use std::io;

/// Copying both ways has failed: how many bytes were written on either side before, and what went wrong.
///
/// Becomes an [`io::Error`] of the same kind by `?`; [`io::Error::get_ref`] leads back here.
#[derive(Debug)]
pub struct CopyBidirectionalError {
    pub(super) a_to_b: u64,
    pub(super) b_to_a: u64,
    pub(super) cause: io::Error,
}

impl CopyBidirectionalError {
    /// Returns how many bytes of the first stream the second one has taken.
    #[must_use]
    pub fn a_to_b(&self) -> u64 {
        self.a_to_b
    }

    /// Returns how many bytes of the second stream the first one has taken.
    #[must_use]
    pub fn b_to_a(&self) -> u64 {
        self.b_to_a
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

impl From<CopyBidirectionalError> for io::Error {
    fn from(error: CopyBidirectionalError) -> io::Error {
        io::Error::new(error.kind(), error)
    }
}

impl fmt::Display for CopyBidirectionalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "copying ended after {} bytes one way and {} the other: {}",
            self.a_to_b, self.b_to_a, self.cause
        )
    }
}

impl Error for CopyBidirectionalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
