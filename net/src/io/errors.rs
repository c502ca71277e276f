//! Why a message is not whole.

use std::error::Error;
use std::fmt;
use std::io;

/// Says that a stream ended within a message, and holds the part that came.
///
/// [`read_exact`](super::read_exact) and [`read_until`](super::read_until) wrap it in an [`io::Error`] of the
/// kind [`UnexpectedEof`](io::ErrorKind::UnexpectedEof); [`io::Error::get_ref`] leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteReadError {
    partial: Vec<u8>,
    expected: Option<usize>,
}

impl IncompleteReadError {
    /// Makes the `io::Error` of a read that got `partial` of `expected` bytes, `None` when a separator was to
    /// say how many.
    pub(super) fn error(partial: &[u8], expected: Option<usize>) -> io::Error {
        let incomplete = IncompleteReadError { partial: partial.to_vec(), expected };
        io::Error::new(io::ErrorKind::UnexpectedEof, incomplete)
    }

    /// The bytes that came before the end.
    pub fn partial(&self) -> &[u8] {
        &self.partial
    }

    /// Takes the bytes that came before the end.
    pub fn into_partial(self) -> Vec<u8> {
        self.partial
    }

    /// How many bytes were to come in all; `None` when a separator was to say.
    pub fn expected(&self) -> Option<usize> {
        self.expected
    }
}

impl fmt::Display for IncompleteReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let came = self.partial.len();
        match self.expected {
            Some(expected) => write!(f, "the stream ended after {came} of {expected} bytes"),
            None => write!(f, "the stream ended after {came} bytes, without the separator"),
        }
    }
}

impl Error for IncompleteReadError {}

/// Says that a message is longer than it may be.
///
/// [`read_until`](super::read_until) wraps it in an [`io::Error`] of the kind
/// [`InvalidData`](io::ErrorKind::InvalidData); [`io::Error::get_ref`] leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitOverrunError {
    limit: usize,
}

impl LimitOverrunError {
    pub(super) fn error(limit: usize) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, LimitOverrunError { limit })
    }

    /// How many bytes might have come before the separator.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for LimitOverrunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no separator within the limit of {} bytes", self.limit)
    }
}

impl Error for LimitOverrunError {}
