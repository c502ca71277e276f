//! What went wrong, in words for whoever sits at the terminal.

use std::fmt;
use std::io;

use runtime_inspect::protocol::{ErrorKind, Refusal};

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Reading, writing, or a process that does not follow the protocol.
    Io(io::Error),
    /// A process that answered that it does not.
    Refused(Refusal),
    /// Something that takes more words.
    Other(String),
}

impl Failure {
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Failure::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Whether the loop is just busy, and may answer later.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(self, Failure::Refused(refusal) if refusal.kind == ErrorKind::DoesNotAnswer)
    }
}

/// What is left to say when each loop that did not answer has been mentioned.
pub(crate) fn some_answered(silent: usize, all: usize) -> Result<(), Failure> {
    if silent == 0 {
        return Ok(());
    }
    Err(Failure::Other(format!("{silent} of {all} loops did not answer")))
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.downcast::<Refusal>() {
            Ok(refusal) => Failure::Refused(refusal),
            Err(error) => Failure::Io(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Io(error) => error.fmt(f),
            Failure::Other(message) => f.write_str(message),
            Failure::Refused(refusal) => refusal.fmt(f),
        }
    }
}
