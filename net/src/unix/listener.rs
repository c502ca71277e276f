//! Accepting connections.

use std::fmt;
use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;
use std::task::{Context, Poll};

use socket2::{Domain, Socket, Type};

use super::file::{self, SocketFile};
use super::socket::Watched;
use super::{Incoming, UnixStream, accept, address, kind};
use crate::acceptor::{Accept, Acceptor};
use crate::backoff::Pause;
use crate::sys;

/// A Unix socket that listens for connections.
///
/// When the process runs out of descriptors it behaves as a [`TcpListener`](crate::TcpListener) does, whose
/// documentation has a section on that.
///
/// # The file
///
/// Binding to a path makes a file. A socket file that a program left behind without listening on it any more
/// is replaced; a socket that is in use, and a file of any other kind, are in the way:
/// [`AddrInUse`](io::ErrorKind::AddrInUse). The file stays when the listener is dropped, unless
/// [`unlink_on_drop`](UnixListener::unlink_on_drop) asks for the contrary. Who may connect is a matter of the
/// permissions of the file, and of the folder it is in (unix(7)); `std::fs::set_permissions` changes them
/// after binding.
///
/// # Examples
///
/// An echo server:
///
/// ```
/// use futures::io::copy;
/// use runtime::net::{UnixListener, UnixStream};
///
/// async fn serve(listener: UnixListener) -> std::io::Result<()> {
///     loop {
///         let (stream, _) = listener.accept().await?;
///         runtime::spawn(async move { copy(&stream, &mut &stream).await });
///     }
/// }
///
/// # use futures::io::{AsyncReadExt, AsyncWriteExt};
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("unix-listener-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// runtime::run(async {
///     let path = folder.join("echo.socket");
///     let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
///     runtime::spawn(serve(listener));
///
///     let mut client = UnixStream::connect(&path).await?;
///     client.write_all(b"echo").await?;
///     let mut answer = [0; 4];
///     client.read_exact(&mut answer).await?;
///     assert_eq!(&answer, b"echo");
///     Ok::<_, std::io::Error>(())
/// })?;
/// # std::fs::remove_dir(&folder)
/// # }
/// ```
pub struct UnixListener {
    /// Dropped before the socket: as long as that is open no other file can have the number of its inode.
    file: Option<SocketFile>,
    pub(super) io: Acceptor<Watched<net::UnixListener>>,
}

impl UnixListener {
    /// Binds to `path` and listens there.
    ///
    /// # Errors
    ///
    /// [`AddrInUse`](io::ErrorKind::AddrInUse) when something is in the way, see [The file](#the-file);
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the path is empty, too long (the message tells the
    /// limit), or has a zero byte in it; else those of bind(2). The message names the path. It is also an
    /// error to call this outside a loop.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<UnixListener> {
        UnixListener::bind_addr(&address::of_path(path.as_ref())?)
    }

    /// Binds to `address`, which may be an abstract one, and listens there.
    ///
    /// An unnamed address asks Linux for an abstract name of its choice, which
    /// [`local_addr`](UnixListener::local_addr) tells.
    ///
    /// # Errors
    ///
    /// As [`bind`](UnixListener::bind).
    pub fn bind_addr(address: &SocketAddr) -> io::Result<UnixListener> {
        UnixListener::listen_on(address)
            .map_err(|cause| address::name_it("listen on", address, cause))
    }

    fn listen_on(address: &SocketAddr) -> io::Result<UnixListener> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        // Every system cuts the number down to its limit.
        let file = file::bind(&socket, address)?;
        UnixListener::listen(socket, i32::MAX, file)
    }

    /// Makes a listener of a socket that is bound already.
    pub(super) fn listen(
        socket: Socket,
        backlog: i32,
        mut file: Option<SocketFile>,
    ) -> io::Result<UnixListener> {
        let listening = socket.listen(backlog).and_then(|()| {
            let listener = net::UnixListener::from(std::os::fd::OwnedFd::from(socket));
            Acceptor::register(Watched(listener))
        });
        if listening.is_err() {
            file = file.map(SocketFile::unlinking);
        }
        Ok(UnixListener { io: listening?, file })
    }

    /// Removes the file when the listener is dropped, or not.
    ///
    /// That is the file that [`bind`](UnixListener::bind) made, and only while it is at its place: what
    /// another program has put there is left alone. For listeners that made no file this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UnixListener;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let path = std::env::temp_dir().join(format!("unlinked-{}", std::process::id()));
    ///     let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
    ///     assert!(path.exists());
    ///     drop(listener);
    ///     assert!(!path.exists());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    #[must_use = "the listener is given back"]
    pub fn unlink_on_drop(mut self, unlink: bool) -> UnixListener {
        if let Some(file) = &mut self.file {
            file.unlink = unlink;
        }
        self
    }

    /// Takes over a listener of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the descriptor is not that of a Unix stream socket.
    /// Fails also outside a loop, and when the socket cannot be made nonblocking or registered.
    pub fn from_std(listener: net::UnixListener) -> io::Result<UnixListener> {
        kind::check(&listener, Type::STREAM)?;
        listener.set_nonblocking(true)?;
        Ok(UnixListener { io: Acceptor::register(Watched(listener))?, file: None })
    }

    /// Gives the listener to the standard library. It stays nonblocking, and its file stays whatever was said
    /// before.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<net::UnixListener> {
        let UnixListener { file, io } = self.unlink_on_drop(false);
        drop(file);
        io.into_inner().map(|watched| watched.0)
    }

    /// Waits for the next connection, and tells the address of the peer, which is mostly unnamed.
    ///
    /// Any number of tasks may wait at once.
    ///
    /// # Errors
    ///
    /// Only errors of the listener itself, such as that its loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no connection is lost.
    pub async fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        self.io.accept().await
    }

    /// Polls for the next connection.
    ///
    /// Of several tasks that poll, only the one that did so last is woken; [`accept`](UnixListener::accept)
    /// serves them all.
    ///
    /// # Errors
    ///
    /// As [`accept`](UnixListener::accept).
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        self.io.poll_accept(cx)
    }

    /// Accepts a connection if there is one.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. As this method cannot wait, it does
    /// return the errors of a process that is out of descriptors.
    pub fn try_accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
        self.io.try_accept()
    }

    /// The connections as a stream that never ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    /// use runtime::net::{UnixListener, UnixStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("socket");
    /// runtime::run(async {
    ///     let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
    ///     runtime::spawn(UnixStream::connect(path.clone()));
    ///
    ///     let mut incoming = listener.incoming();
    ///     if let Some(stream) = incoming.next().await {
    ///         println!("here is {:?}", stream?.peer_addr()?);
    ///     }
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming::new(self)
    }

    /// The address that the listener is bound to.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket().local_addr()
    }

    /// Takes the pending error off the socket (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket().take_error()
    }

    pub(super) fn socket(&self) -> &net::UnixListener {
        &self.io.get_ref().0
    }

    /// `poll_accept` with a pause that the caller keeps.
    pub(super) fn poll_accept_pausing(
        &self,
        cx: &mut Context<'_>,
        pause: &mut Pause,
    ) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        self.io.poll_accept_pausing(cx, pause)
    }
}

type Accepted = (net::UnixStream, SocketAddr);

impl Accept for Watched<net::UnixListener> {
    type Accepted = Accepted;
    type Adopted = (UnixStream, SocketAddr);

    fn accept(&self) -> io::Result<Accepted> {
        accept::from(&self.0)
    }

    fn nobody_waits(&self) -> bool {
        sys::nobody_waits(self)
    }

    fn adopt((stream, peer): Accepted) -> io::Result<Self::Adopted> {
        Ok((UnixStream::register(stream)?, peer))
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket().fmt(f)
    }
}
