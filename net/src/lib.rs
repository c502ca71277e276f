//! TCP, UDP and Unix sockets, pipes, servers and name look-up for the `runtime` event loop.
//!
//! Sockets read and write through the traits of `futures-io`, of which `futures::AsyncReadExt` and
//! `AsyncWriteExt` make the rest. Every socket is `Send + Sync`: a task of the loop that made it gets its
//! data without any cross-thread step, and another thread may use or drop it all the same.
//!
//! | what | where |
//! |---|---|
//! | TCP: accept, connect, and options before either | [`TcpListener`], [`TcpStream`], [`TcpSocket`] |
//! | how the addresses of a name are tried (happy eyeballs, RFC 8305), and for how long | [`TcpConnector`] |
//! | UDP, one datagram at a time or many, and multicast | [`UdpSocket`], [`udp`] |
//! | programs of the same machine, descriptors sent along (Unix) | `UnixListener`, `UnixStream`, `UnixDatagram`, `UnixSocket`, `unix` |
//! | pipes, with a name and without (Unix) | `unix::pipe` |
//! | a handler for each connection, of anything that accepts, and an end in good order | [`Server`], [`server`] |
//! | connections by callbacks, as asyncio's transports and protocols | [`protocol`] |
//! | TLS over any stream (feature `tls`) | `tls` |
//! | files sent, and streams connected to each other, by the system's own means where it has them | [`sendfile`], [`copy_bidirectional`] |
//! | names to addresses and back, without blocking the loop | [`lookup_host`], [`lookup_addr`] |
//! | reads that tell what came when the rest does not | [`io`] |
//! | crates that have I/O traits of their own (features `hyper`, `tokio-io`) | `compat` |
//!
//! # Examples
//!
//! A server that answers each line, and a client that has it answer one:
//!
//! ```
//! use std::time::Duration;
//!
//! use futures::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
//! use runtime::net::{Server, TcpStream};
//!
//! # fn main() -> std::io::Result<()> {
//! runtime::run(async {
//!     let server = Server::builder()
//!         .bind("localhost", 0)
//!         .serve(async |stream, _peer| {
//!             let mut lines = BufReader::new(stream);
//!             let mut line = String::new();
//!             while lines.read_line(&mut line).await? > 0 {
//!                 lines.write_all(line.to_uppercase().as_bytes()).await?;
//!                 line.clear();
//!             }
//!             Ok::<_, std::io::Error>(())
//!         })
//!         .await?;
//!
//!     let mut client = BufReader::new(TcpStream::connect(server.local_addrs()[0]).await?);
//!     client.write_all(b"hello\n").await?;
//!     let mut answer = String::new();
//!     client.read_line(&mut answer).await?;
//!     assert_eq!(answer, "HELLO\n");
//!     assert!(server.shutdown(Duration::from_secs(1)).await.ended_well());
//!     Ok(())
//! })
//! # }
//! ```
//!
//! Users depend on `runtime` and find this crate as `runtime::net`; a library may depend on this crate alone.

mod acceptor;
mod addr;
mod attempts;
mod backoff;
mod buffers;
mod copy_bidirectional;
mod explained;
mod log;
mod lookup;
mod queue;
mod sendfile;
mod stream;
mod sys;
mod zero_copy;

#[cfg(any(feature = "hyper", feature = "tokio-io"))]
pub mod compat;
pub mod io;
pub mod protocol;
pub mod server;
pub mod tcp;
#[cfg(feature = "tls")]
pub mod tls;
pub mod udp;
#[cfg(unix)]
pub mod unix;

pub use self::addr::{ToSocketAddrs, lookup_host};
pub use self::attempts::AttemptsError;
pub use self::copy_bidirectional::{
    CopyBidirectionalError, copy_bidirectional, copy_bidirectional_with_sizes,
};
pub use self::lookup::lookup_addr;
pub use self::sendfile::{FileSink, SendFile, SendFileError, sendfile};
#[doc(inline)]
pub use self::server::Server;
#[doc(inline)]
pub use self::tcp::{TcpConnector, TcpListener, TcpSocket, TcpStream};
#[doc(inline)]
pub use self::udp::UdpSocket;
#[cfg(unix)]
#[doc(inline)]
pub use self::unix::{UnixDatagram, UnixListener, UnixSocket, UnixStream};
