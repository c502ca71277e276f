//! TCP, UDP and Unix sockets and name look-up for the `runtime` event loop.
//!
//! [`TcpListener`] accepts, [`TcpStream`] connects, reads and writes through the traits of `futures-io`, and
//! [`TcpSocket`] sets options before either; [`UdpSocket`] sends and receives datagrams. [`TcpConnector`] says how the
//! addresses of a name are tried (happy eyeballs, RFC 8305), and [`lookup_host`] and [`lookup_addr`] ask the resolver
//! without blocking the loop. Every socket is `Send + Sync`: a task of the loop that made it gets its data without any
//! cross-thread step, and another thread may use or drop it all the same.
//!
//! `UnixStream`, `UnixListener` and `UnixDatagram` of the module `unix` stay on one machine, and pass descriptors along; `UnixSocket` sets
//! options before. `unix::pipe` has pipes.
//!
//! [`Server`] runs a handler for each connection, over TCP or anything else that accepts, and ends in good order; it stays on
//! the thread of its loop, and its handle goes anywhere.
//! [`protocol`] has connections by callbacks instead of futures, as asyncio's transports and protocols.
//! [`io`] has reads that tell what came when the rest does not.
//!
//! [`sendfile`] sends files, and [`copy_bidirectional`] connects two streams to each other, both by the system's own means
//! where it has them.
//!
//! `tls` (feature `tls`) encrypts any stream. `compat` (features `hyper` and `tokio-io`) makes them at home in crates that
//! have I/O traits of their own.
//!
//! Users depend on `runtime` and find this crate as `runtime::net`; a library may depend on this crate alone.

mod acceptor;
mod addr;
mod attempts;
mod backoff;
mod buffers;
mod copy_bidirectional;
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
