//! A connection.

use std::fmt;
use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;

use runtime_core::reactor::{Interest, Registered};
use socket2::{SockRef, Type};

use super::socket::Watched;
use super::split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use super::{address, connect, kind};
use crate::stream::{
    self, reading_methods, reading_traits, ready_methods, socket_methods, split, writing_methods,
    writing_traits,
};

/// A connection between two programs of one machine, or two parts of a program.
///
/// It is used as a [`TcpStream`](crate::TcpStream) is: through [`futures_io::AsyncRead`] and
/// [`futures_io::AsyncWrite`], which `&UnixStream` implements too, or in halves. Beyond that it tells who is
/// at the other end (`peer_cred`) and carries descriptors ([`send_fds`](UnixStream::send_fds)).
///
/// Writes are not buffered, flushing does nothing, and closing shuts the writing side down. Dropping the
/// stream closes it. Writing to a connection that is gone is an error and never a `SIGPIPE`. An ordinary read
/// of bytes that descriptors came with closes these.
///
/// # Examples
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{UnixListener, UnixStream};
///
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("unix-stream-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// runtime::run(async {
///     let path = folder.join("echo.socket");
///     let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
///     let mut client = UnixStream::connect(&path).await?;
///     let (mut server, _) = listener.accept().await?;
///
///     client.write_all(b"over and out").await?;
///     client.close().await?;
///     let mut text = String::new();
///     server.read_to_string(&mut text).await?;
///     assert_eq!(text, "over and out");
///     Ok::<_, std::io::Error>(())
/// })?;
/// # std::fs::remove_dir(&folder)
/// # }
/// ```
pub struct UnixStream {
    pub(crate) io: Registered<Watched<net::UnixStream>>,
}

reading_methods!(UnixStream);
writing_methods!(UnixStream);
socket_methods!(UnixStream);
ready_methods!(UnixStream, |_, operation| operation());
reading_traits!(UnixStream, &UnixStream);
writing_traits!(UnixStream, &UnixStream => stream::close);

impl UnixStream {
    /// Connects to the listener on `path`.
    ///
    /// Waits while the listener's queue of connections is full.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no such file,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when nobody listens on it, and
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the path is empty, too long, or has a zero byte in
    /// it. The message names the path. It is also an error to call this outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the socket of the attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use runtime::net::UnixStream;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let stream = UnixStream::connect("/run/postgresql/.s.PGSQL.5432").await?;
    ///     println!("connected to {:?}", stream.peer_addr()?);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn connect(path: impl AsRef<Path>) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&address::of_path(path.as_ref())?).await
    }

    /// Connects to the listener at `address`, which may be an abstract one.
    ///
    /// # Errors
    ///
    /// As [`connect`](UnixStream::connect).
    ///
    /// # Cancel safety
    ///
    /// As [`connect`](UnixStream::connect).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(target_os = "linux")]
    /// # fn main() -> std::io::Result<()> {
    /// use std::os::linux::net::SocketAddrExt;
    /// use runtime::net::{UnixListener, UnixStream, unix::SocketAddr};
    ///
    /// runtime::run(async {
    ///     let name = format!("example {}", std::process::id());
    ///     let address = SocketAddr::from_abstract_name(name)?;
    ///     let listener = UnixListener::bind_addr(&address)?;
    ///     let client = UnixStream::connect_addr(&address).await?;
    ///     assert_eq!(client.peer_addr()?.as_abstract_name(), address.as_abstract_name());
    ///     Ok(())
    /// })
    /// # }
    /// # #[cfg(not(target_os = "linux"))]
    /// # fn main() {}
    /// ```
    pub async fn connect_addr(address: &SocketAddr) -> io::Result<UnixStream> {
        connect::to(address).await.map_err(|cause| address::name_it("connect to", address, cause))
    }

    /// Makes two streams that are connected to each other.
    ///
    /// # Errors
    ///
    /// Fails outside a loop, and when the process is out of descriptors.
    ///
    /// # Examples
    ///
    /// A line to a thread that blocks:
    ///
    /// ```
    /// use std::io::Write;
    /// use futures::AsyncReadExt;
    /// use runtime::net::UnixStream;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let (mut here, there) = UnixStream::pair()?;
    ///     let mut there = there.into_std()?;
    ///     let thread = std::thread::spawn(move || {
    ///         there.set_nonblocking(false)?;
    ///         there.write_all(b"done")
    ///     });
    ///     let mut text = String::new();
    ///     here.read_to_string(&mut text).await?;
    ///     assert_eq!(text, "done");
    ///     thread.join().expect("no panic")
    /// })
    /// # }
    /// ```
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let (one, other) = net::UnixStream::pair()?;
        Ok((UnixStream::unblocked(one)?, UnixStream::unblocked(other)?))
    }

    /// Takes over a connected stream of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the descriptor is not that of a Unix stream socket.
    /// Fails also outside a loop, and when the socket cannot be made nonblocking or registered.
    pub fn from_std(stream: net::UnixStream) -> io::Result<UnixStream> {
        kind::check(&stream, Type::STREAM)?;
        UnixStream::unblocked(stream)
    }

    fn unblocked(stream: net::UnixStream) -> io::Result<UnixStream> {
        stream.set_nonblocking(true)?;
        UnixStream::register(stream)
    }

    /// Gives the stream to the standard library.
    ///
    /// It stays nonblocking; call [`set_nonblocking(false)`](net::UnixStream::set_nonblocking) on it to
    /// block.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<net::UnixStream> {
        self.io.into_inner().map(|watched| watched.0)
    }

    /// Registers both directions at once. Closing is all it takes to deregister where the kernel sees to
    /// that.
    ///
    /// Out-of-band data is heard of for the sake of reading: a read stops at its mark, although there may be
    /// more.
    pub(super) fn register(stream: net::UnixStream) -> io::Result<UnixStream> {
        let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        Ok(UnixStream { io: Registered::closing(Watched(stream), interest)? })
    }

    /// Splits the stream into a half that reads and one that writes, for two futures of the same task.
    ///
    /// `futures::AsyncReadExt` has a `split` as well; [`TcpStream::split`](crate::TcpStream::split) tells how
    /// to get this one.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        split::borrowed(self)
    }

    /// Splits the stream into a half that reads and one that writes, for two tasks.
    ///
    /// Dropping the writing half shuts that direction down. The `reunite` of either half restores the
    /// stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    /// use runtime::net::UnixStream;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let (client, mut server) = UnixStream::pair()?;
    ///     let (_reader, mut writer) = client.into_split();
    ///     runtime::spawn(async move { writer.write_all(b"the end").await });
    ///     let mut text = String::new();
    ///     server.read_to_string(&mut text).await?; // ends when the task drops the writer
    ///     assert_eq!(text, "the end");
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        split::owned(self)
    }

    /// The address of this end: unnamed, unless it belongs to a listener or was bound.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket().local_addr()
    }

    /// The address of the other end: unnamed, unless it belongs to a listener or was bound.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2).
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

    /// Sets the size of the send buffer in bytes (`SO_SNDBUF`). Linux doubles it.
    ///
    /// It is what limits how much may be on its way to the peer; the peer's receive buffer does not count.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_send_buffer_size(&self, bytes: u32) -> io::Result<()> {
        SockRef::from(self).set_send_buffer_size(bytes as usize)
    }

    /// The size of the send buffer in bytes.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        SockRef::from(self).send_buffer_size().map(|bytes| bytes as u32)
    }

    pub(super) fn socket(&self) -> &net::UnixStream {
        &self.io.get_ref().0
    }
}

impl fmt::Debug for UnixStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket().fmt(f)
    }
}
