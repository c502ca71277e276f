//! A socket.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use parking_lot::Mutex;
use runtime_core::reactor::{Interest, Registered};

use super::Builder;
use crate::addr::{self, ToSocketAddrs};
use crate::attempts::Attempts;

/// A UDP socket.
///
/// Every datagram arrives whole, more than once, or not at all, and in any order. All methods borrow the
/// socket shared: tasks can send and receive at once, through an `Arc` if need be. With the `poll_` methods
/// one task at a time waits for each direction (the last one to poll is woken); any number of tasks may wait
/// with the `async` methods.
///
/// - A datagram may be empty. A length of 0 means just that; there is no end as a stream has one.
/// - What does not fit the buffer is lost. [`recv_msg`](UdpSocket::recv_msg) tells that it was.
/// - A [connected](UdpSocket::connect) socket reports that nobody listens at its peer:
///   [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) from whichever send or receive comes next. The
///   socket can be used on. One that is not connected hears nothing of it on most systems.
///
/// # Examples
///
/// ```
/// use runtime::net::UdpSocket;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let server = UdpSocket::bind("127.0.0.1:0").await?;
///     let address = server.local_addr()?;
///     runtime::spawn(async move {
///         let mut buf = [0; 1500];
///         loop {
///             let (len, peer) = server.recv_from(&mut buf).await?;
///             server.send_to(&buf[..len], peer).await?;
///         }
///         # #[allow(unreachable_code)]
///         # Ok::<(), std::io::Error>(())
///     });
///
///     let client = UdpSocket::bind("127.0.0.1:0").await?;
///     client.connect(address).await?;
///     client.send(b"ping").await?;
///     let mut buf = [0; 16];
///     let len = client.recv(&mut buf).await?;
///     assert_eq!(&buf[..len], b"ping");
///     Ok(())
/// })
/// # }
/// ```
pub struct UdpSocket {
    pub(super) io: Registered<mio::net::UdpSocket>,
    /// An error that came behind the datagrams of a batch, for the next one.
    pub(super) late: Mutex<Option<io::Error>>,
}

impl UdpSocket {
    /// Binds to the first address that works.
    ///
    /// Port 0 asks the system for a free one; [`local_addr`](UdpSocket::local_addr) tells which it took. No
    /// option is set; [`builder`](UdpSocket::builder) takes other wishes.
    ///
    /// # Errors
    ///
    /// When no address can be bound, the error has the kind of the last cause and holds an
    /// [`AttemptsError`](crate::AttemptsError) with every address and its cause. Errors of the name look-up
    /// are those of [`lookup_host`](crate::lookup_host). It is also an error to call this outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is bound unless the socket is returned.
    pub async fn bind(address: impl ToSocketAddrs) -> io::Result<UdpSocket> {
        Builder::default().bind(address).await
    }

    /// Starts a description of a socket, for options that have to be set before it is bound.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Makes an address the only one that the socket sends to and receives from.
    ///
    /// The first address is taken that the system accepts; nothing is sent. Connecting again replaces the
    /// address. Datagrams of others that have arrived before are still received.
    ///
    /// # Errors
    ///
    /// When no address is accepted, the error has the kind of the last cause and holds an
    /// [`AttemptsError`](crate::AttemptsError) with every address and its cause. Errors of the name look-up
    /// are those of [`lookup_host`](crate::lookup_host).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the socket is connected at the very end or not at all.
    pub async fn connect(&self, address: impl ToSocketAddrs) -> io::Result<()> {
        let mut attempts = Attempts::to("connect to");
        for address in addr::resolve(address.target()?).await? {
            match self.io.get_ref().connect(address) {
                Ok(()) => return Ok(()),
                Err(cause) => attempts.failed(address, cause),
            }
        }
        Err(attempts.into_error())
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.get_ref().local_addr()
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2); [`NotConnected`](io::ErrorKind::NotConnected) when it is connected to none.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.get_ref().peer_addr()
    }

    /// Takes over a socket of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// Fails outside a loop, and when the socket cannot be made nonblocking or registered.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UdpSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let inherited = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// runtime::run(async {
    ///     let socket = UdpSocket::from_std(inherited)?;
    ///     socket.send_to(b"to myself", socket.local_addr()?).await?;
    ///     let blocking = socket.into_std()?;
    ///     blocking.set_nonblocking(false)?;
    ///     assert_eq!(blocking.recv(&mut [0; 16])?, 9);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        socket.set_nonblocking(true)?;
        let io = mio::net::UdpSocket::from_std(socket);
        let interest = Interest::READABLE | Interest::WRITABLE;
        Ok(UdpSocket { io: Registered::closing(io, interest)?, late: Mutex::default() })
    }

    /// Gives the socket to the standard library.
    ///
    /// It stays nonblocking; call [`set_nonblocking(false)`](std::net::UdpSocket::set_nonblocking) on it to
    /// block.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
        self.io.into_inner().map(Into::into)
    }
}

impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    /// As [`UdpSocket::from_std`].
    fn try_from(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        UdpSocket::from_std(socket)
    }
}

impl TryFrom<UdpSocket> for std::net::UdpSocket {
    type Error = io::Error;

    /// As [`UdpSocket::into_std`].
    fn try_from(socket: UdpSocket) -> io::Result<std::net::UdpSocket> {
        socket.into_std()
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.get_ref().fmt(f)
    }
}
