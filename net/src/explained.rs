//! Errors of the system that say what was to be done.

use std::error::Error;
use std::fmt;
use std::io;

/// An error of the system with words around it; the system's own is its source.
#[derive(Debug)]
struct Explained {
    text: String,
    cause: io::Error,
}

/// Puts `text`, which may show it, in front of an error, and keeps the error with its number as the source.
pub(crate) fn explained(kind: io::ErrorKind, text: String, cause: io::Error) -> io::Error {
    io::Error::new(kind, Explained { text, cause })
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Explained {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_the_system_can_be_had() {
        let cause = io::Error::from_raw_os_error(2);
        let error = explained(cause.kind(), format!("no luck: {cause}"), cause);
        assert!(error.to_string().starts_with("no luck: "));
        let source = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
        assert_eq!(source.and_then(io::Error::raw_os_error), Some(2));
    }
}
