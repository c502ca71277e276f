//! The I/O traits of the `tokio` crate, without its runtime.
//!
//! [`TcpStream`](crate::TcpStream), `UnixStream`, their halves, pipes, `TlsStream` and the connections of a
//! [`Server`](crate::Server) implement [`tokio::io::AsyncRead`] and [`tokio::io::AsyncWrite`]
//! themselves, and so do references to what can be read and written through one; [`Compat`] does so for any
//! other stream, and turns a stream of `tokio`'s traits into one of `futures-io`. Crates that are written
//! against these traits alone run on this loop as they are: codecs, HTTP/2, databases' protocols. Crates that
//! spawn, sleep or connect by `tokio` need its runtime, and panic without.
//!
//! Both `futures` and `tokio` have a `read`, a `write_all` and so on in their extension traits. With both in
//! scope, a call has to say which one it means. And `stream.shutdown(how)` is the sockets' own method; that
//! of `AsyncWriteExt` is written `AsyncWriteExt::shutdown(&mut stream).await`.
//!
//! # Examples
//!
//! `tokio`'s extension traits on a socket of this loop:
//!
//! ```
//! use runtime::net::{TcpListener, TcpStream};
//! use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
//!
//! # fn main() -> std::io::Result<()> {
//! runtime::run(async {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let mut client = TcpStream::connect(listener.local_addr()?).await?;
//!     let (server, _) = listener.accept().await?;
//!
//!     client.write_all(b"HELO localhost\r\nQUIT\r\n").await?;
//!     client.shutdown(std::net::Shutdown::Write)?; // or AsyncWriteExt::shutdown(&mut client).await?
//!     let mut lines = BufReader::new(server).lines();
//!     assert_eq!(lines.next_line().await?.as_deref(), Some("HELO localhost"));
//!     assert_eq!(lines.next_line().await?.as_deref(), Some("QUIT"));
//!     assert_eq!(lines.next_line().await?, None);
//!     Ok(())
//! })
//! # }
//! ```

mod implement;
mod io;
mod read;
mod sockets;
#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix;

pub use self::io::Compat;
