//! A connection.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use runtime_core::reactor::{Interest, Registered};

use super::connector;
use super::split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use crate::addr::ToSocketAddrs;
use crate::stream::split;

/// A TCP connection.
///
/// It reads and writes through [`futures_io::AsyncRead`] and [`futures_io::AsyncWrite`], which `&TcpStream`
/// implements too, so that one task can do both at once and `futures::AsyncReadExt` and `AsyncWriteExt`
/// supply the rest. Two tasks can share a stream through [`split`](TcpStream::split),
/// [`into_split`](TcpStream::into_split) or an `Arc`. With the traits, and with the `poll_` methods, one task
/// at a time waits for each direction (the last one to poll is woken); any number of tasks may wait with the
/// `async` methods.
///
/// Writes are not buffered, flushing does nothing, and closing shuts the writing side down. Dropping the
/// stream closes it. Writing to a connection that is gone is an error and never a `SIGPIPE`.
///
/// # Examples
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let mut client = TcpStream::connect(listener.local_addr()?).await?;
///     let (mut server, _) = listener.accept().await?;
///
///     client.write_all(b"over and out").await?;
///     client.close().await?;
///     let mut text = String::new();
///     server.read_to_string(&mut text).await?;
///     assert_eq!(text, "over and out");
///     Ok(())
/// })
/// # }
/// ```
pub struct TcpStream {
    pub(crate) io: Registered<mio::net::TcpStream>,
}

impl TcpStream {
    /// Connects to the address that answers first.
    ///
    /// The addresses are tried as RFC 8305 says, families in turns and a new attempt every 250 ms while the
    /// former are unanswered; [`TcpConnector`](super::TcpConnector) explains this, and sets other delays, a
    /// time limit and options of the socket.
    ///
    /// # Errors
    ///
    /// When no address can be connected to, the error has the kind of the last cause and holds an
    /// [`AttemptsError`](crate::AttemptsError) with every address and its cause. Errors of the name look-up
    /// are those of [`lookup_host`](crate::lookup_host). It is also an error to call this outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the sockets of all attempts under way, and forgets a look-up. There is no
    /// time limit but the system's, which can be minutes: put a `timeout` around it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use runtime::{net::TcpStream, time::timeout};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let connecting = TcpStream::connect("example.org:80");
    ///     let stream = timeout(Duration::from_secs(5), connecting).await??;
    ///     println!("connected to {}", stream.peer_addr()?);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn connect(address: impl ToSocketAddrs) -> io::Result<TcpStream> {
        connector::PLAIN.to_any(address.target()?).await
    }

    /// Takes over a connected stream of the standard library, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// Fails outside a loop, and when the socket cannot be made nonblocking or registered.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::AsyncWriteExt;
    /// use runtime::net::TcpStream;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let blocking = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// runtime::run(async {
    ///     let mut stream = TcpStream::from_std(blocking)?;
    ///     stream.write_all(b"hello").await?;
    ///     let blocking = stream.into_std()?;
    ///     blocking.set_nonblocking(false)
    /// })
    /// # }
    /// ```
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        stream.set_nonblocking(true)?;
        TcpStream::register(mio::net::TcpStream::from_std(stream))
    }

    /// Gives the stream to the standard library.
    ///
    /// It stays nonblocking; call [`set_nonblocking(false)`](std::net::TcpStream::set_nonblocking) on it to
    /// block.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.io.into_inner().map(Into::into)
    }

    /// Registers both directions at once. Closing is all it takes to deregister where the kernel sees to
    /// that.
    ///
    /// Out-of-band data is heard of for the sake of reading: a read stops at its mark, although there may be
    /// more.
    pub(super) fn register(stream: mio::net::TcpStream) -> io::Result<TcpStream> {
        let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        Ok(TcpStream { io: Registered::closing(stream, interest)? })
    }

    /// Splits the stream into a half that reads and one that writes, for two futures of the same task.
    ///
    /// `futures::AsyncReadExt` has a `split` as well, which takes the stream by value and which a method call
    /// on a stream by value means if that trait is in scope. Written as below it is this one, without an
    /// allocation or a lock.
    ///
    /// # Examples
    ///
    /// Both directions at once, which it takes to send an echo server more than the buffers hold:
    ///
    /// ```
    /// use futures::{AsyncReadExt, AsyncWriteExt, future};
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let mut client = TcpStream::connect(listener.local_addr()?).await?;
    ///     let (server, _) = listener.accept().await?;
    ///     runtime::spawn(async move { futures::io::copy(&server, &mut &server).await });
    ///
    ///     let (mut reader, mut writer) = TcpStream::split(&mut client);
    ///     let (sent, mut received) = (vec![7; 1 << 20], vec![0; 1 << 20]);
    ///     future::try_join(writer.write_all(&sent), reader.read_exact(&mut received)).await?;
    ///     assert!(sent == received);
    ///     Ok(())
    /// })
    /// # }
    /// ```
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
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let client = TcpStream::connect(listener.local_addr()?).await?;
    ///     let (mut server, _) = listener.accept().await?;
    ///
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

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.get_ref().local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2); [`NotConnected`](io::ErrorKind::NotConnected) after the peer has reset the
    /// connection.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.get_ref().peer_addr()
    }
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    /// As [`TcpStream::from_std`].
    fn try_from(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        TcpStream::from_std(stream)
    }
}

impl TryFrom<TcpStream> for std::net::TcpStream {
    type Error = io::Error;

    /// As [`TcpStream::into_std`].
    fn try_from(stream: TcpStream) -> io::Result<std::net::TcpStream> {
        stream.into_std()
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.get_ref().fmt(f)
    }
}
