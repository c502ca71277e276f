//! Accepting connections.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use super::{Incoming, TcpSocket, TcpStream};
use crate::acceptor::{Accept, Acceptor};
use crate::addr::{self, ToSocketAddrs};
use crate::attempts::Attempts;
use crate::backoff::Pause;
use crate::sys;

/// A TCP socket that listens for connections.
///
/// # Under pressure
///
/// When the process or the system runs out of descriptors or socket memory (`EMFILE`, `ENFILE`, `ENOBUFS`,
/// `ENOMEM`), the waiting methods ([`accept`](TcpListener::accept),
/// [`poll_accept`](TcpListener::poll_accept), [`incoming`](TcpListener::incoming)) do not fail. The listener
/// logs one line (a warning through `tracing` with the feature of that name, else to the standard error
/// stream) and tries again after 10 ms, 20 ms, and so on up to a second, until a descriptor is free.
/// Connections that are established go on meanwhile and new ones wait in the kernel's queue. The next line is
/// logged only after that queue has been emptied. Errors of a connection that died in the queue
/// (`ECONNABORTED` and its like) are skipped. A connection that has been accepted, and that the system will not
/// watch (`ENOSPC`, at the limit of `/proc/sys/fs/epoll/max_user_watches`, or `ENOMEM`), is closed, with the
/// same line and pauses. What is left to be returned are errors of the listener itself.
///
/// # Examples
///
/// An echo server:
///
/// ```
/// use futures::io::{AsyncWriteExt, copy};
/// use runtime::net::{TcpListener, TcpStream};
///
/// async fn serve(listener: TcpListener) -> std::io::Result<()> {
///     loop {
///         let (stream, peer) = listener.accept().await?;
///         runtime::spawn(async move {
///             if let Err(error) = copy(&stream, &mut &stream).await {
///                 eprintln!("{peer}: {error}");
///             }
///         });
///     }
/// }
///
/// # use futures::io::AsyncReadExt;
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let address = listener.local_addr()?;
///     runtime::spawn(serve(listener));
///
///     let mut client = TcpStream::connect(address).await?;
///     client.write_all(b"echo").await?;
///     let mut answer = [0; 4];
///     client.read_exact(&mut answer).await?;
///     assert_eq!(&answer, b"echo");
///     Ok(())
/// })
/// # }
/// ```
pub struct TcpListener {
    pub(super) io: Acceptor<mio::net::TcpListener>,
}

impl TcpListener {
    /// Binds to the first address that works and listens there.
    ///
    /// Port 0 asks the system for a free one; [`local_addr`](TcpListener::local_addr) tells which it took.
    /// The backlog is the system's limit, and `SO_REUSEADDR` is set except on Windows;
    /// [`TcpSocket`](super::TcpSocket) takes other wishes.
    ///
    /// # Errors
    ///
    /// When no address can be bound, the error has the kind of the last cause and holds an
    /// [`AttemptsError`](crate::AttemptsError) with every address and its cause. Errors of the name look-up
    /// are those of [`lookup_host`](crate::lookup_host). It is also an error to call this outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is bound unless the listener is returned.
    pub async fn bind(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
        let mut attempts = Attempts::to("listen on");
        for address in addr::resolve(address.target()?).await? {
            match TcpListener::listen_on(address) {
                Ok(listener) => return Ok(listener),
                Err(cause) => attempts.failed(address, cause),
            }
        }
        Err(attempts.into_error())
    }

    fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
        let socket = TcpSocket::new_for(address)?;
        if sys::REUSE_ADDRESS {
            socket.set_reuseaddr(true)?;
        }
        socket.bind(address)?;
        // Every system cuts it down to its limit, which mio's own 128 would stay below.
        socket.listen(u32::MAX)
    }

    /// Takes over a listener of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// Fails outside a loop, and when the socket cannot be made nonblocking or registered.
    ///
    /// # Examples
    ///
    /// A listener handed over by another part of the program:
    ///
    /// ```
    /// use runtime::net::TcpListener;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let inherited = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// runtime::run(async {
    ///     let listener = TcpListener::from_std(inherited)?;
    ///     println!("listening on {}", listener.local_addr()?);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        TcpListener::register(mio::net::TcpListener::from_std(listener))
    }

    /// Gives the listener to the standard library. It stays nonblocking.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<std::net::TcpListener> {
        self.io.into_inner().map(Into::into)
    }

    pub(super) fn register(listener: mio::net::TcpListener) -> io::Result<TcpListener> {
        Ok(TcpListener { io: Acceptor::register(listener)? })
    }

    /// Waits for the next connection, and tells the address of the peer.
    ///
    /// Any number of tasks may wait at once.
    ///
    /// # Errors
    ///
    /// Only errors of the listener itself, such as that its loop has been closed; see [Under
    /// pressure](#under-pressure).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no connection is lost.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.io.accept().await
    }

    /// Polls for the next connection.
    ///
    /// Of several tasks that poll, only the one that did so last is woken; [`accept`](TcpListener::accept)
    /// serves them all.
    ///
    /// # Errors
    ///
    /// As [`accept`](TcpListener::accept).
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.io.poll_accept(cx)
    }

    /// Accepts a connection if there is one.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none. As this method cannot wait, it does
    /// return the errors of a process that is out of descriptors.
    pub fn try_accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.io.try_accept()
    }

    /// The connections as a stream that never ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let address = listener.local_addr()?;
    ///     runtime::spawn(async move { TcpStream::connect(address).await });
    ///
    ///     let mut incoming = listener.incoming();
    ///     if let Some(stream) = incoming.next().await {
    ///         println!("here is {}", stream?.peer_addr()?);
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
        self.io.get_ref().local_addr()
    }

    /// The time to live of the packets of accepted connections (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.get_ref().ttl()
    }

    /// Sets the time to live of the packets of accepted connections, 1 to 255 hops.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.io.get_ref().set_ttl(hops)
    }

    /// Takes the pending error off the socket (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.get_ref().take_error()
    }

    /// `poll_accept` with a pause that the caller keeps.
    pub(super) fn poll_accept_pausing(
        &self,
        cx: &mut Context<'_>,
        pause: &mut Pause,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.io.poll_accept_pausing(cx, pause)
    }
}

impl Accept for mio::net::TcpListener {
    type Accepted = Accepted;
    type Adopted = (TcpStream, SocketAddr);

    fn accept(&self) -> io::Result<Accepted> {
        mio::net::TcpListener::accept(self)
    }

    fn nobody_waits(&self) -> bool {
        sys::nobody_waits(self)
    }

    fn adopt((stream, peer): Accepted) -> io::Result<Self::Adopted> {
        Ok((TcpStream::register(stream)?, peer))
    }
}

type Accepted = (mio::net::TcpStream, SocketAddr);

impl TryFrom<std::net::TcpListener> for TcpListener {
    type Error = io::Error;

    /// As [`TcpListener::from_std`].
    fn try_from(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        TcpListener::from_std(listener)
    }
}

impl TryFrom<TcpListener> for std::net::TcpListener {
    type Error = io::Error;

    /// As [`TcpListener::into_std`].
    fn try_from(listener: TcpListener) -> io::Result<std::net::TcpListener> {
        listener.into_std()
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.get_ref().fmt(f)
    }
}
