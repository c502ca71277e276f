//! A Unix socket before it listens or connects, which is the time to bind it and to set its options.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;
use std::sync::OnceLock;

use socket2::{Domain, SockRef, Socket, Type};

use super::file::{self, SocketFile};
use super::{UnixDatagram, UnixListener, UnixStream, address, connect, kind};

/// A Unix socket that neither listens nor is connected yet: for a backlog of one's own, a client with a name,
/// and options.
///
/// [`UnixListener::bind`], [`UnixStream::connect`] and [`UnixDatagram::bind`] are shorter where none of these
/// is needed. Options can be set through `socket2::SockRef`, which takes the socket by reference.
///
/// # Examples
///
/// A client with an address of its own, by which the server knows it:
///
/// ```
/// use runtime::net::{UnixListener, UnixSocket};
///
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("unix-socket-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// runtime::run(async {
///     let listener = UnixListener::bind(folder.join("server"))?.unlink_on_drop(true);
///
///     let socket = UnixSocket::new_stream()?;
///     socket.bind(folder.join("client"))?;
///     let _client = socket.connect(folder.join("server")).await?;
///
///     let (_stream, peer) = listener.accept().await?;
///     assert_eq!(peer.as_pathname(), Some(&*folder.join("client")));
///     Ok::<_, std::io::Error>(())
/// })?;
/// # std::fs::remove_dir_all(&folder)
/// # }
/// ```
#[derive(Debug)]
pub struct UnixSocket {
    /// The file that binding has made.
    file: OnceLock<SocketFile>,
    /// Of either kind; those of the standard library have addresses in full.
    socket: net::UnixDatagram,
}

impl UnixSocket {
    /// Makes a socket for a [`UnixListener`] or a [`UnixStream`].
    ///
    /// # Errors
    ///
    /// Those of socket(2), such as that the process is out of descriptors.
    pub fn new_stream() -> io::Result<UnixSocket> {
        UnixSocket::new(Type::STREAM)
    }

    /// Makes a socket for a [`UnixDatagram`].
    ///
    /// # Errors
    ///
    /// Those of socket(2), such as that the process is out of descriptors.
    pub fn new_datagram() -> io::Result<UnixSocket> {
        UnixSocket::new(Type::DGRAM)
    }

    fn new(of: Type) -> io::Result<UnixSocket> {
        let socket = Socket::new(Domain::UNIX, of, None)?;
        socket.set_nonblocking(true)?;
        Ok(UnixSocket { file: OnceLock::new(), socket: OwnedFd::from(socket).into() })
    }

    /// Binds the socket to `path`.
    ///
    /// It makes a file, with the same rules as for a [`UnixListener`](UnixListener#the-file), and like there
    /// it stays unless the listener or datagram socket that this becomes is told to remove it; that of a
    /// stream stays in any case.
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`]; [`InvalidInput`](io::ErrorKind::InvalidInput) when the socket is bound
    /// already.
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.bind_addr(&address::of_path(path.as_ref())?)
    }

    /// Binds the socket to `address`, which may be an abstract one.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixSocket::bind).
    pub fn bind_addr(&self, address: &SocketAddr) -> io::Result<()> {
        let bound = file::bind(&SockRef::from(&self.socket), address);
        let file = bound.map_err(|cause| address::name_it("bind to", address, cause))?;
        if let Some(file) = file {
            // The system binds a socket once.
            let _ = self.file.set(file);
        }
        Ok(())
    }

    /// Begins to listen, with room for about `backlog` connections that nobody has accepted yet.
    ///
    /// The system may lower the number (Linux: to `net.core.somaxconn`).
    ///
    /// # Errors
    ///
    /// Those of listen(2): [`InvalidInput`](io::ErrorKind::InvalidInput) for a socket that is not bound, and
    /// an error for one for datagrams. It is also an error to call this outside a loop.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UnixSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("unix-backlog-{}", std::process::id()));
    /// runtime::run(async {
    ///     let socket = UnixSocket::new_stream()?;
    ///     socket.bind(&path)?;
    ///     let listener = socket.listen(16)?.unlink_on_drop(true);
    ///     println!("listening on {:?}", listener.local_addr()?);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
        let address = self.local_addr()?;
        let (socket, file) = self.into_parts();
        UnixListener::listen(socket, backlog, file)
            .map_err(|cause| address::name_it("listen on", &address, cause))
    }

    /// Connects to the listener on `path`.
    ///
    /// # Errors
    ///
    /// As [`UnixStream::connect`], and [`InvalidInput`](io::ErrorKind::InvalidInput) for a socket for
    /// datagrams.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket.
    pub async fn connect(self, path: impl AsRef<Path>) -> io::Result<UnixStream> {
        self.connect_addr(&address::of_path(path.as_ref())?).await
    }

    /// Connects to the listener at `address`, which may be an abstract one.
    ///
    /// # Errors
    ///
    /// As [`connect`](UnixSocket::connect).
    ///
    /// # Cancel safety
    ///
    /// As [`connect`](UnixSocket::connect).
    pub async fn connect_addr(self, address: &SocketAddr) -> io::Result<UnixStream> {
        kind::check(&self.socket, Type::STREAM)?;
        let connected = connect::by(self.into_parts().0, address).await;
        connected.map_err(|cause| address::name_it("connect to", address, cause))
    }

    /// Makes a socket for datagrams of it, bound or not.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a socket for streams. It is also an error to call
    /// this outside a loop.
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        kind::check(&self.socket, Type::DGRAM)?;
        let (socket, file) = self.into_parts();
        UnixDatagram::adopt(socket, file)
    }

    /// The address that the socket is bound to; unnamed if it is not.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn into_parts(self) -> (Socket, Option<SocketFile>) {
        (OwnedFd::from(self.socket).into(), self.file.into_inner())
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for UnixSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl TryFrom<OwnedFd> for UnixSocket {
    type Error = io::Error;

    /// Takes over the descriptor of a Unix socket that is not connected yet, and makes it nonblocking.
    fn try_from(fd: OwnedFd) -> io::Result<UnixSocket> {
        let socket = net::UnixDatagram::from(fd);
        kind::check_family(&socket)?;
        socket.set_nonblocking(true)?;
        Ok(UnixSocket { file: OnceLock::new(), socket })
    }
}

impl From<UnixSocket> for OwnedFd {
    /// The descriptor stays nonblocking, and the file that it is bound to stays.
    fn from(socket: UnixSocket) -> OwnedFd {
        socket.socket.into()
    }
}
