//! TLS over any stream, by [rustls].
//!
//! A [`TlsConnector`] makes the client's end of a connection, a [`TlsAcceptor`] the server's. Both take a
//! stream that is connected already, whatever it is, and return it as a [`TlsStream`], which reads and writes
//! like any other. [`start_tls`] and its kin are for protocols that begin in plain text, such as SMTP, and a
//! [`TlsListener`] is for a [`Server`](crate::Server).
//!
//! # What is guaranteed
//!
//! - Nothing waits for ever. A handshake has 60 seconds unless told otherwise, and a close 30.
//! - An end that the peer did not announce (`close_notify`) is an error of the kind
//!   [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof). One that it did announce is an end as any other.
//! - A handshake that fails names the host and the cause: see [`HandshakeError`].
//! - There is no global state. The cryptography is that of *ring* unless a builder is told otherwise, and
//!   no process-wide provider has to be installed.
//!
//! # Examples
//!
//! A page by HTTPS, from a server whose certificate is signed by somebody that the program trusts:
//!
//! ```no_run
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use runtime::net::TcpStream;
//! use runtime::net::tls::TlsConnector;
//!
//! # fn main() -> std::io::Result<()> {
//! runtime::run(async {
//!     let connector = TlsConnector::new()?;
//!     let stream = TcpStream::connect("example.org:443").await?;
//!     let mut stream = connector.connect("example.org", stream).await?;
//!     stream.write_all(b"GET / HTTP/1.0\r\nhost: example.org\r\n\r\n").await?;
//!     let mut page = String::new();
//!     stream.read_to_string(&mut page).await?;
//!     println!("{page}");
//!     Ok(())
//! })
//! # }
//! ```
//!
//! # Where to look
//!
//! | file | idea |
//! |---|---|
//! | `connector.rs`, `acceptor.rs`, `start.rs` | the three ways to a [`TlsStream`] |
//! | `connector_builder.rs`, `acceptor_builder.rs` | what can be asked of the first two |
//! | `identity.rs`, `names.rs` | a certificate with its key, and which of several to show |
//! | `roots.rs`, `roots_*.rs` | whom to trust |
//! | `listener.rs` | what a server accepts encrypted connections from |
//! | `handshake.rs`, `error.rs` | the handshake within its time, and what may become of it |
//! | `stream.rs`, `stream_io.rs`, `session.rs` | the stream, its I/O, the part that speaks to rustls |
//! | `transport.rs` | a stream of which somebody has read the beginning |

mod acceptor;
mod acceptor_builder;
mod connector;
mod connector_builder;
mod error;
mod handshake;
mod identity;
mod listener;
mod names;
mod provider;
mod roots;
mod server_name;
mod session;
mod start;
mod stream;
mod stream_io;
mod timeouts;
mod transport;

#[cfg(feature = "native-roots")]
mod roots_native;
#[cfg(feature = "webpki-roots")]
mod roots_webpki;

#[cfg(all(not(feature = "native-roots"), not(feature = "webpki-roots")))]
#[path = "roots_default_none.rs"]
mod roots_default;
#[cfg(feature = "native-roots")]
#[path = "roots_default_native.rs"]
mod roots_default;
#[cfg(all(not(feature = "native-roots"), feature = "webpki-roots"))]
#[path = "roots_default_webpki.rs"]
mod roots_default;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[doc(no_inline)]
pub use futures_rustls::rustls;

pub use self::acceptor::TlsAcceptor;
pub use self::acceptor_builder::TlsAcceptorBuilder;
pub use self::connector::TlsConnector;
pub use self::connector_builder::TlsConnectorBuilder;
pub use self::error::HandshakeError;
pub use self::identity::Identity;
pub use self::listener::TlsListener;
pub use self::roots::roots_from_pem;
pub use self::server_name::ToServerName;
pub use self::start::{start_tls, start_tls_server, start_tls_server_with, start_tls_with};
pub use self::stream::TlsStream;
