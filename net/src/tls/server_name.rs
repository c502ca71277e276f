//! The names that a certificate may be asked to vouch for.

use std::fmt;
use std::io;
use std::net::IpAddr;

use futures_rustls::rustls::pki_types::ServerName;

/// Converts to the name of a server: a host name, or an IP address.
///
/// Implemented for `&str`, `String`, `&String`, [`IpAddr`], and the [`ServerName`] of rustls. A host is a
/// name by itself, without a port; an IPv6 address may be in brackets.
///
/// The trait is sealed: it cannot be implemented outside this crate, so that it can grow.
///
/// # Examples
///
/// ```
/// use runtime::net::TcpStream;
/// use runtime::net::tls::{TlsConnector, TlsStream, ToServerName};
///
/// async fn dial(
///     connector: &TlsConnector,
///     host: &str,
/// ) -> std::io::Result<TlsStream<TcpStream>> {
///     connector.connect(host, TcpStream::connect((host, 443)).await?).await
/// }
/// # fn takes(_: impl ToServerName) {}
/// # takes("example.org");
/// # takes(std::net::Ipv4Addr::LOCALHOST);
/// ```
pub trait ToServerName: sealed::Name {}

impl<N: sealed::Name> ToServerName for N {}

mod sealed {
    use super::*;

    pub trait Name {
        fn server_name(self) -> io::Result<ServerName<'static>>;
    }

    impl Name for ServerName<'_> {
        fn server_name(self) -> io::Result<ServerName<'static>> {
            Ok(self.to_owned())
        }
    }

    impl Name for &str {
        fn server_name(self) -> io::Result<ServerName<'static>> {
            let host = self.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            match ServerName::try_from(host.unwrap_or(self)) {
                Ok(name) => Ok(name.to_owned()),
                Err(_) => Err(refused(self)),
            }
        }
    }

    impl Name for String {
        fn server_name(self) -> io::Result<ServerName<'static>> {
            self.as_str().server_name()
        }
    }

    impl Name for &String {
        fn server_name(self) -> io::Result<ServerName<'static>> {
            self.as_str().server_name()
        }
    }

    impl Name for IpAddr {
        fn server_name(self) -> io::Result<ServerName<'static>> {
            Ok(ServerName::from(self))
        }
    }

    impl Name for std::net::Ipv4Addr {
        fn server_name(self) -> io::Result<ServerName<'static>> {
            Ok(ServerName::from(IpAddr::V4(self)))
        }
    }

    impl Name for std::net::Ipv6Addr {
        fn server_name(self) -> io::Result<ServerName<'static>> {
            Ok(ServerName::from(IpAddr::V6(self)))
        }
    }
}

fn refused(host: impl fmt::Display) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        format!(
            "`{host}` is neither a host name nor an IP address, and no certificate can be for it"
        ),
    )
}
