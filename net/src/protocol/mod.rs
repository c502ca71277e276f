//! Protocols and transports: connections by callbacks, as asyncio has them.
//!
//! A *transport* is how a connection is written to and ended; a *protocol* is what is called when something
//! happens to it. There is no future to await, and no copy of what is received but the one that the system
//! makes. It is the shape in which parsers that are fed come.
//!
//! | to make a connection | |
//! |---|---|
//! | [`create_connection`] | connects by TCP |
//! | [`create_server`] | listens by TCP, with a protocol for each connection |
//! | [`Builder::serve_protocol`](crate::server::Builder::serve_protocol) | the same on listeners of any kind |
//! | [`create_datagram_endpoint`] | takes a socket for datagrams |
//! | [`connect_accepted_socket`] | takes a stream that is connected already, of any kind |
//!
//! Each takes a *factory*, a function that makes the protocol: a [`Protocol`], which is handed what has been
//! received, or a [`BufferedProtocol`], which says where to put it.
//!
//! # Flow control
//!
//! [`Transport::write`] never waits. What the system does not take at once is kept, and when that is more
//! than a high-water mark (64 KiB by default), the protocol is told to [pause
//! writing](Protocol::pause_writing), and to resume it at the low-water mark. In the other direction a
//! protocol that has enough calls [`Transport::pause_reading`].
//!
//! # Fairness
//!
//! Callbacks run in a task of the connection. It gives way to others after 256 KiB, or 128 reads.
//!
//! # Examples
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use runtime::net::TcpStream;
//! use runtime::net::protocol::{Protocol, Transport, create_server};
//!
//! #[derive(Default)]
//! struct Echo {
//!     transport: Option<Transport>,
//! }
//!
//! impl Protocol for Echo {
//!     fn connection_made(&mut self, transport: Transport) {
//!         self.transport = Some(transport);
//!     }
//!
//!     fn data_received(&mut self, data: &[u8]) {
//!         if let Some(transport) = &self.transport {
//!             transport.write(data);
//!         }
//!     }
//! }
//!
//! # fn main() -> std::io::Result<()> {
//! runtime::run(async {
//!     let server = create_server(Echo::default, "127.0.0.1:0").await?;
//!     let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
//!     client.write_all(b"hello").await?;
//!     let mut answer = [0; 5];
//!     client.read_exact(&mut answer).await?;
//!     assert_eq!(&answer, b"hello");
//!     Ok(())
//! })
//! # }
//! ```

mod connect;
mod connection;
mod datagram;
mod driver;
mod kind;
mod link;
mod outgoing;
mod panics;
mod scratch;
mod serve;
mod state;
mod traits;
mod transport;
mod wire;

#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix;

pub use self::connect::{connect_accepted_socket, create_connection};
pub use self::datagram::{DatagramProtocol, DatagramTransport, create_datagram_endpoint};
pub use self::kind::{AnyProtocol, Buffered, Streaming};
pub use self::serve::create_server;
pub use self::traits::{BufferedProtocol, Protocol};
pub use self::transport::Transport;
pub use self::wire::{Exclusive, IntoWire, Received, Wire};
