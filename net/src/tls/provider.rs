//! The cryptography that is used unless a builder is told otherwise.

use std::io;
use std::sync::{Arc, OnceLock};

use futures_rustls::rustls;
use rustls::crypto::CryptoProvider;

/// The one of *ring*, whatever the process has or has not installed as its default.
pub(super) fn default() -> Arc<CryptoProvider> {
    static RING: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    RING.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())).clone()
}

/// Reports a configuration that rustls does not take.
pub(super) fn refused(what: &str, error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, Refused { what: what.to_owned(), error })
}

/// Why a configuration cannot be used.
#[derive(Debug)]
struct Refused {
    what: String,
    error: rustls::Error,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.error)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Checks the names of protocols, which rustls would write as they are (RFC 7301, section 3.1).
pub(super) fn protocols(names: Vec<Vec<u8>>) -> io::Result<Vec<Vec<u8>>> {
    match names.iter().find(|name| !(1..=255).contains(&name.len())) {
        None => Ok(names),
        Some(name) => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the name of a protocol has 1 to 255 bytes, and this one has {}", name.len()),
        )),
    }
}
