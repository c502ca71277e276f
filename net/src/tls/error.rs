//! What became of a handshake that failed.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use futures_rustls::rustls;
use rustls::CertificateError;

/// Why a handshake failed, and with whom.
///
/// It is inside of the [`io::Error`] that connectors and acceptors return. The kind of that error is
/// [`TimedOut`](io::ErrorKind::TimedOut) for a peer that took too long,
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) for one that left,
/// [`InvalidData`](io::ErrorKind::InvalidData) for a certificate that does not convince and for all that is
/// wrong with what was sent, and otherwise the one that the stream below has given.
///
/// # Examples
///
/// ```
/// use runtime::net::tls::HandshakeError;
///
/// /// Tells whether trying again, later, may help.
/// fn is_passing(error: &std::io::Error) -> bool {
///     match error.get_ref().and_then(|error| error.downcast_ref::<HandshakeError>()) {
///         Some(error) => !error.is_certificate(),
///         None => true,
///     }
/// }
/// # assert!(is_passing(&std::io::ErrorKind::TimedOut.into()));
/// ```
#[derive(Debug)]
pub struct HandshakeError {
    /// The server that was asked for; a server does not know its clients by name.
    host: Option<String>,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Elapsed(Duration),
    Left,
    Tls(rustls::Error),
    Stream(io::Error),
}

impl HandshakeError {
    /// The server that the client asked for; `None` at a server.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Tells whether the time was up.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.cause, Cause::Elapsed(_))
    }

    /// Tells whether the peer's certificate was missing, or was not accepted here.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        use rustls::Error::{InvalidCertificate, NoCertificatesPresented};
        matches!(self.tls_error(), Some(InvalidCertificate(_) | NoCertificatesPresented))
    }

    /// What rustls says, if it was the one to refuse.
    #[must_use]
    pub fn tls_error(&self) -> Option<&rustls::Error> {
        match &self.cause {
            Cause::Tls(error) => Some(error),
            _ => None,
        }
    }

    /// Reports a peer that took too long.
    pub(super) fn elapsed(host: Option<String>, limit: Duration) -> io::Error {
        HandshakeError { host, cause: Cause::Elapsed(limit) }.into_io()
    }

    /// Reports what futures-rustls found.
    pub(super) fn sort(host: Option<String>, error: io::Error) -> io::Error {
        let cause = match tls_error(&error) {
            Some(tls) => Cause::Tls(tls.clone()),
            // The stream itself would have an error of the system.
            None if error.kind() == io::ErrorKind::UnexpectedEof => Cause::Left,
            None => Cause::Stream(error),
        };
        HandshakeError { host, cause }.into_io()
    }

    fn into_io(self) -> io::Error {
        let kind = match &self.cause {
            Cause::Elapsed(_) => io::ErrorKind::TimedOut,
            Cause::Left => io::ErrorKind::UnexpectedEof,
            Cause::Tls(_) => io::ErrorKind::InvalidData,
            Cause::Stream(error) => error.kind(),
        };
        io::Error::new(kind, self)
    }
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "the TLS handshake with {host} failed: ")?,
            None => f.write_str("the TLS handshake with a client failed: ")?,
        }
        match &self.cause {
            Cause::Elapsed(limit) => write!(f, "it was not done within {limit:?}"),
            Cause::Left => f.write_str("the peer closed the connection in the middle of it"),
            Cause::Tls(error) => write!(f, "{error}{}", hint(error)),
            Cause::Stream(error) => error.fmt(f),
        }
    }
}

/// Says in other words what the terse ones among the errors mean.
fn hint(error: &rustls::Error) -> &'static str {
    use rustls::Error::{AlertReceived, InvalidCertificate, InvalidMessage, NoApplicationProtocol};
    match error {
        InvalidCertificate(CertificateError::UnknownIssuer) => {
            " (nobody who is trusted here has signed it)"
        }
        InvalidMessage(_) => " (does the peer speak TLS?)",
        AlertReceived(_) => " (the peer has refused)",
        NoApplicationProtocol => " (no protocol of its ALPN list is one of ours)",
        _ => "",
    }
}

impl Error for HandshakeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::Tls(error) => Some(error),
            Cause::Stream(error) => Some(error),
            Cause::Elapsed(_) | Cause::Left => None,
        }
    }
}
