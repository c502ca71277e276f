//! A TCP socket before it listens or connects, which is the time to set its options.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

use super::connect::Connecting;
use super::{TcpListener, TcpStream};
use crate::explained::explained;
use crate::sys;

/// A TCP socket that neither listens nor is connected yet, for setting options first.
///
/// [`TcpListener::bind`] and [`TcpStream::connect`] are shorter where no option is needed. Options that are
/// not methods here can be set through `socket2::SockRef`, which takes any of the types of this crate by
/// reference.
///
/// # Examples
///
/// A listener with a small backlog and receive buffer:
///
/// ```
/// use runtime::net::TcpSocket;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let socket = TcpSocket::new_v4()?;
///     socket.set_reuseaddr(true)?;
///     socket.set_recv_buffer_size(64 * 1024)?;
///     socket.bind("127.0.0.1:0".parse().unwrap())?;
///     let listener = socket.listen(16)?;
///     println!("listening on {}", listener.local_addr()?);
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct TcpSocket {
    pub(super) socket: Socket,
}

impl TcpSocket {
    /// Creates a socket for IPv4.
    ///
    /// # Errors
    ///
    /// Those of socket(2): no descriptor left, or IPv4 is not available.
    pub fn new_v4() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV4)
    }

    /// Creates a socket for IPv6.
    ///
    /// # Errors
    ///
    /// Those of socket(2): no descriptor left, or IPv6 is not available.
    pub fn new_v6() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV6)
    }

    /// Creates a socket of the family of `address`.
    ///
    /// # Errors
    ///
    /// Those of [`new_v4`](TcpSocket::new_v4) and [`new_v6`](TcpSocket::new_v6).
    pub fn new_for(address: SocketAddr) -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::for_address(address))
    }

    fn new(domain: Domain) -> io::Result<TcpSocket> {
        TcpSocket::adopt(Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?)
    }

    /// Takes over a socket made elsewhere and makes it nonblocking.
    pub(super) fn adopt(socket: Socket) -> io::Result<TcpSocket> {
        socket.set_nonblocking(true)?;
        Ok(TcpSocket { socket })
    }

    /// Takes over a socket that is not connected yet, say one made with `socket2`, and makes it nonblocking.
    ///
    /// The standard library has no type for such a socket; its `TcpStream` carries one well enough. An
    /// already connected stream goes to [`TcpStream::from_std`] instead.
    ///
    /// # Errors
    ///
    /// Fails when the socket cannot be made nonblocking.
    pub fn from_std_stream(stream: std::net::TcpStream) -> io::Result<TcpSocket> {
        TcpSocket::adopt(Socket::from(stream))
    }

    /// Gives the socket to the standard library, the other way round. It stays nonblocking.
    pub fn into_std_stream(self) -> std::net::TcpStream {
        self.socket.into()
    }

    /// Binds the socket to a local address.
    ///
    /// # Errors
    ///
    /// Those of bind(2), and [`InvalidInput`](io::ErrorKind::InvalidInput) when the address is of the other
    /// family.
    pub fn bind(&self, address: SocketAddr) -> io::Result<()> {
        let bound = self.socket.bind(&address.into());
        bound.map_err(|error| self.explain("bind to", address, error))
    }

    /// Connects to `address` and turns the socket into a stream.
    ///
    /// # Errors
    ///
    /// The error of the connection, as it is (there is one address, so nothing has to be listed);
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the address is of the other family. It is also an
    /// error to call this outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    pub async fn connect(self, address: SocketAddr) -> io::Result<TcpStream> {
        self.begin(address)?.await
    }

    /// Begins to connect.
    pub(super) fn begin(self, address: SocketAddr) -> io::Result<Connecting> {
        if let Err(error) = self.socket.connect(&address.into()) {
            if !sys::is_in_progress(&error) {
                return Err(self.explain("connect to", address, error));
            }
        }
        Connecting::new(mio::net::TcpStream::from_std(self.socket.into()))
    }

    /// Begins to listen, with room for about `backlog` connections that nobody has accepted yet.
    ///
    /// The system may lower the number (Linux: to `net.core.somaxconn`).
    ///
    /// # Errors
    ///
    /// Those of listen(2), and of the registration with the loop. It is also an error to call this outside a
    /// loop.
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        self.socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        TcpListener::register(mio::net::TcpListener::from_std(self.socket.into()))
    }

    /// The local address; the port is 0 before [`bind`](TcpSocket::bind).
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let address = self.socket.local_addr()?;
        address.as_socket().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the socket is not an Internet socket")
        })
    }

    /// Takes the pending error off the socket (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// Replaces what the system says about an address of the wrong family, which is never clear and not
    /// always the same, and leaves every other error alone.
    fn explain(&self, action: &str, address: SocketAddr, error: io::Error) -> io::Error {
        match self.local_addr() {
            Ok(own) if own.is_ipv4() != address.is_ipv4() => {
                let (own, other) = if own.is_ipv4() { ("4", "6") } else { ("6", "4") };
                let text = format!(
                    "an IPv{own} socket cannot {action} {address}: make it with TcpSocket::new_v{other}"
                );
                explained(io::ErrorKind::InvalidInput, text, error)
            }
            _ => error,
        }
    }
}
