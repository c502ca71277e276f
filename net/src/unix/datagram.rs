//! Sockets for datagrams.

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use runtime_core::reactor::{Interest, Registered};
use socket2::{Domain, Socket, Type};

use super::file::{self, SocketFile};
use super::socket::Watched;
use super::{address, kind};

/// A Unix socket that sends and receives datagrams.
///
/// Unlike those of UDP they arrive in order and do not get lost: a sender waits while the receiver's queue is
/// full. A socket without a name can send; to be answered it has to be bound.
///
/// Binding to a path makes a file, with the same rules as for a
/// [`UnixListener`](super::UnixListener#the-file).
///
/// # Examples
///
/// ```
/// use runtime::net::UnixDatagram;
///
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("unix-datagram-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// runtime::run(async {
///     let path = folder.join("log.socket");
///     let log = UnixDatagram::bind(&path)?.unlink_on_drop(true);
///     let program = UnixDatagram::unbound()?;
///     program.send_to(b"<14>started", &path).await?;
///
///     let mut line = [0; 1024];
///     let (length, sender) = log.recv_from(&mut line).await?;
///     assert_eq!(&line[..length], b"<14>started");
///     assert!(sender.is_unnamed());
///     Ok::<_, std::io::Error>(())
/// })?;
/// # std::fs::remove_dir(&folder)
/// # }
/// ```
pub struct UnixDatagram {
    /// Dropped before the socket: as long as that is open no other file can have the number of its inode.
    file: Option<SocketFile>,
    pub(super) io: Registered<Watched<net::UnixDatagram>>,
}

impl UnixDatagram {
    /// Binds to `path`.
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`](super::UnixListener::bind).
    pub fn bind(path: impl AsRef<Path>) -> io::Result<UnixDatagram> {
        UnixDatagram::bind_addr(&address::of_path(path.as_ref())?)
    }

    /// Binds to `address`, which may be an abstract one.
    ///
    /// An unnamed address asks Linux for an abstract name of its choice, which
    /// [`local_addr`](UnixDatagram::local_addr) tells.
    ///
    /// # Errors
    ///
    /// As [`UnixListener::bind`](super::UnixListener::bind).
    pub fn bind_addr(address: &SocketAddr) -> io::Result<UnixDatagram> {
        UnixDatagram::bound(address).map_err(|cause| address::name_it("bind to", address, cause))
    }

    fn bound(address: &SocketAddr) -> io::Result<UnixDatagram> {
        let socket = Socket::new(Domain::UNIX, Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        let file = file::bind(&socket, address)?;
        UnixDatagram::adopt(socket, file)
    }

    /// Takes over a nonblocking socket, and the file that it is bound to.
    pub(super) fn adopt(socket: Socket, file: Option<SocketFile>) -> io::Result<UnixDatagram> {
        match UnixDatagram::register(OwnedFd::from(socket).into()) {
            Ok(datagram) => Ok(UnixDatagram { file, ..datagram }),
            Err(error) => {
                drop(file.map(SocketFile::unlinking));
                Err(error)
            }
        }
    }

    /// Makes a socket without a name.
    ///
    /// # Errors
    ///
    /// Fails outside a loop, and when the process is out of descriptors.
    pub fn unbound() -> io::Result<UnixDatagram> {
        UnixDatagram::from_std(net::UnixDatagram::unbound()?)
    }

    /// Makes two sockets that are connected to each other.
    ///
    /// # Errors
    ///
    /// Fails outside a loop, and when the process is out of descriptors.
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (one, other) = net::UnixDatagram::pair()?;
        Ok((UnixDatagram::unblocked(one)?, UnixDatagram::unblocked(other)?))
    }

    /// Makes the socket on `path` the one that [`send`](UnixDatagram::send) sends to, and the only one to
    /// receive from.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no such file,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when it belongs to no socket any more, else
    /// those of connect(2). The message names the path.
    pub fn connect(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.connect_addr(&address::of_path(path.as_ref())?)
    }

    /// Connects to `address`, which may be an abstract one.
    ///
    /// # Errors
    ///
    /// As [`connect`](UnixDatagram::connect).
    pub fn connect_addr(&self, address: &SocketAddr) -> io::Result<()> {
        let connected = self.socket().connect_addr(address);
        connected.map_err(|cause| address::name_it("connect to", address, cause))
    }

    /// Removes the file when the socket is dropped, or not, as
    /// [`UnixListener::unlink_on_drop`](super::UnixListener::unlink_on_drop).
    #[must_use = "the socket is given back"]
    pub fn unlink_on_drop(mut self, unlink: bool) -> UnixDatagram {
        if let Some(file) = &mut self.file {
            file.unlink = unlink;
        }
        self
    }

    /// Takes over a socket of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the descriptor is not that of a Unix datagram
    /// socket. Fails also outside a loop, and when the socket cannot be made nonblocking or registered.
    pub fn from_std(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        kind::check(&socket, Type::DGRAM)?;
        UnixDatagram::unblocked(socket)
    }

    fn unblocked(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        socket.set_nonblocking(true)?;
        UnixDatagram::register(socket)
    }

    /// Gives the socket to the standard library. It stays nonblocking, and its file stays whatever was said
    /// before.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<net::UnixDatagram> {
        let UnixDatagram { file, io } = self.unlink_on_drop(false);
        drop(file);
        io.into_inner().map(|watched| watched.0)
    }

    fn register(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        Ok(UnixDatagram { file: None, io: Registered::closing(Watched(socket), interest)? })
    }

    /// The address that the socket is bound to; unnamed if it is not.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket().local_addr()
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) when it is not, else those of getpeername(2).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket().peer_addr()
    }

    /// Takes the pending error off the socket (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket().take_error()
    }

    /// Shuts down receiving, sending or both, at once and for all users of the socket.
    ///
    /// # Errors
    ///
    /// Those of shutdown(2).
    pub fn shutdown(&self, how: std::net::Shutdown) -> io::Result<()> {
        self.socket().shutdown(how)
    }

    pub(super) fn socket(&self) -> &net::UnixDatagram {
        &self.io.get_ref().0
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket().fmt(f)
    }
}
