//! Datagrams by callbacks.

mod driver;
mod endpoint;
mod transport;

use std::io;
use std::net::SocketAddr;

pub use self::transport::DatagramTransport;

use self::driver::Driver;
use self::endpoint::Endpoint;
use super::panics::panicked;
use crate::UdpSocket;

/// What becomes of a socket for datagrams, one callback for each event.
///
/// `connection_made` is first and `connection_lost` last, each exactly once. The rules are those of a
/// [`Protocol`](super::Protocol): callbacks may call any method of the [`DatagramTransport`], and one that
/// panics ends the endpoint.
///
/// # Examples
///
/// ```
/// use std::net::SocketAddr;
///
/// use runtime::net::UdpSocket;
/// use runtime::net::protocol::{DatagramProtocol, DatagramTransport, create_datagram_endpoint};
///
/// #[derive(Default)]
/// struct Echo {
///     transport: Option<DatagramTransport>,
/// }
///
/// impl DatagramProtocol for Echo {
///     fn connection_made(&mut self, transport: DatagramTransport) {
///         self.transport = Some(transport);
///     }
///
///     fn datagram_received(&mut self, data: &[u8], from: SocketAddr) {
///         if let Some(transport) = &self.transport {
///             transport.send_to(data, from);
///         }
///     }
/// }
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let socket = UdpSocket::bind("127.0.0.1:0").await?;
///     let transport = create_datagram_endpoint(Echo::default, socket)?;
///
///     let client = UdpSocket::bind("127.0.0.1:0").await?;
///     client.connect(transport.local_addr()?).await?;
///     client.send(b"hello").await?;
///     let mut answer = [0; 10];
///     assert_eq!(client.recv(&mut answer).await?, 5);
///     Ok(())
/// })
/// # }
/// ```
pub trait DatagramProtocol: 'static {
    /// The endpoint stands; `transport` is how to send from it and how to end it.
    fn connection_made(&mut self, transport: DatagramTransport) {
        let _ = transport;
    }

    /// A datagram has arrived, which may be empty.
    fn datagram_received(&mut self, data: &[u8], from: SocketAddr);

    /// The system has reported an error that concerns a datagram and not the socket, such as that nobody
    /// receives at the address to which a connected socket sends.
    fn error_received(&mut self, error: io::Error) {
        let _ = error;
    }

    /// More waits to be sent than the [high-water mark](DatagramTransport::set_write_buffer_limits) says;
    /// send no more for now.
    fn pause_writing(&mut self) {}

    /// What waits to be sent has come down to the low-water mark; go on sending.
    fn resume_writing(&mut self) {}

    /// The endpoint is closed: because of an error, or `None` if it was closed or aborted. The socket is
    /// closed when this returns.
    fn connection_lost(&mut self, error: Option<io::Error>) {
        let _ = error;
    }
}

/// Hands a socket for datagrams to the protocol that `factory` makes.
///
/// A [`Builder`](crate::udp::Builder) makes sockets of all kinds, connected or not. `connection_made` has
/// been called when this returns.
///
/// # Errors
///
/// If `connection_made` panics, of which the exception handler has been told then.
///
/// # Panics
///
/// Outside of a loop.
///
/// # Examples
///
/// A client that asks once, and keeps what it is told:
///
/// ```
/// use std::cell::RefCell;
/// use std::net::SocketAddr;
/// use std::rc::Rc;
///
/// use runtime::net::UdpSocket;
/// use runtime::net::protocol::{DatagramProtocol, DatagramTransport, create_datagram_endpoint};
///
/// struct Asking {
///     answers: Rc<RefCell<Vec<Vec<u8>>>>,
/// }
///
/// impl DatagramProtocol for Asking {
///     fn connection_made(&mut self, transport: DatagramTransport) {
///         transport.send(b"what time is it?");
///     }
///
///     fn datagram_received(&mut self, data: &[u8], _from: SocketAddr) {
///         self.answers.borrow_mut().push(data.to_vec());
///     }
/// }
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let clock = UdpSocket::bind("127.0.0.1:0").await?;
///     let answers = Rc::new(RefCell::new(Vec::new()));
///     let socket = UdpSocket::builder().remote(clock.local_addr()?).open().await?;
///     let asking = Asking { answers: answers.clone() };
///     let transport = create_datagram_endpoint(|| asking, socket)?;
///
///     let mut question = [0; 64];
///     let (_, from) = clock.recv_from(&mut question).await?;
///     clock.send_to(b"noon", from).await?;
///     while answers.borrow().is_empty() {
///         runtime::task::yield_now().await;
///     }
///     assert_eq!(*answers.borrow(), [b"noon"]);
///     transport.close();
///     Ok(())
/// })
/// # }
/// ```
#[track_caller]
pub fn create_datagram_endpoint<P: DatagramProtocol>(
    factory: impl FnOnce() -> P,
    socket: UdpSocket,
) -> io::Result<DatagramTransport> {
    let endpoint = Endpoint::new(socket, Box::new(factory()));
    if !endpoint.make() {
        return Err(panicked());
    }
    let transport = DatagramTransport::new(endpoint.clone());
    drop(runtime_core::spawn(Driver::new(endpoint)));
    Ok(transport)
}
