//! The error of an operation that tried several addresses.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// Lists every address that was tried, with the cause of its failure.
///
/// [`TcpStream::connect`](crate::TcpStream::connect) and [`TcpListener::bind`](crate::TcpListener::bind) wrap
/// it in an [`io::Error`] that has the kind of the last cause; [`io::Error::get_ref`] leads to it. The last
/// cause, with its number from the system, is also the error's [`source`](Error::source).
///
/// # Examples
///
/// ```
/// use runtime::net::{AttemptsError, TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let closed = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
///     let error = TcpStream::connect(closed).await.unwrap_err();
///     let list = error.get_ref().and_then(|error| error.downcast_ref::<AttemptsError>());
///     for (address, cause) in list.into_iter().flat_map(|list| list.attempts()) {
///         println!("{address} said: {cause}");
///     }
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct AttemptsError {
    action: &'static str,
    attempts: Vec<(SocketAddr, io::Error)>,
}

impl AttemptsError {
    /// Iterates over the addresses in the order in which they were tried.
    pub fn attempts(&self) -> impl Iterator<Item = (SocketAddr, &io::Error)> {
        self.attempts.iter().map(|(address, cause)| (*address, cause))
    }
}

impl fmt::Display for AttemptsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {} ", self.action)?;
        for (n, (address, cause)) in self.attempts.iter().enumerate() {
            let separator = if n == 0 { "" } else { ", " };
            write!(f, "{separator}{address} ({cause})")?;
        }
        Ok(())
    }
}

impl Error for AttemptsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.attempts.last().map(|(_, cause)| cause as _)
    }
}

/// Collects failures until an address works.
///
/// Nothing is allocated before the first failure.
pub(crate) struct Attempts(AttemptsError);

impl Attempts {
    /// Starts an empty list; `action` completes the sentence "could not ... 127.0.0.1:80".
    pub(crate) fn to(action: &'static str) -> Attempts {
        Attempts(AttemptsError { action, attempts: Vec::new() })
    }

    pub(crate) fn failed(&mut self, address: SocketAddr, cause: io::Error) {
        self.0.attempts.push((address, cause));
    }

    /// Makes an error of this kind, whatever the causes.
    pub(crate) fn into_error_of(self, kind: io::ErrorKind) -> io::Error {
        io::Error::new(kind, self.0)
    }

    pub(crate) fn into_error(self) -> io::Error {
        match self.0.attempts.last() {
            Some((_, cause)) => {
                let kind = cause.kind();
                self.into_error_of(kind)
            }
            None => io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("could not {} anything: the list of addresses is empty", self.0.action),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_named_and_the_last_kind_wins() {
        let mut attempts = Attempts::to("connect to");
        attempts.failed(([10, 0, 0, 1], 1).into(), io::ErrorKind::TimedOut.into());
        attempts.failed(([10, 0, 0, 2], 2).into(), io::ErrorKind::ConnectionRefused.into());
        let error = attempts.into_error();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(
            error.to_string(),
            "could not connect to 10.0.0.1:1 (timed out), 10.0.0.2:2 (connection refused)"
        );
    }

    #[test]
    fn an_empty_list_says_so() {
        let error = Attempts::to("bind").into_error();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("the list of addresses is empty"));
    }
}
