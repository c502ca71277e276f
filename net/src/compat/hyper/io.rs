//! A stream of one world in the clothes of the other.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};

use crate::compat::{forward_writes, scratch};

/// Makes a stream of `futures-io` one of `hyper`, and the other way round.
///
/// Our own sockets do without. What it is for: streams of other crates under `hyper`, and `hyper`'s own
/// stream, the [`Upgraded`](hyper::upgrade::Upgraded) connection of a WebSocket, say, under a crate that
/// speaks `futures-io`.
///
/// # Examples
///
/// A client over a stream that was put together from two files:
///
/// ```
/// use futures::io::{AsyncRead, AsyncWrite};
/// use http_body_util::Empty;
/// use hyper::body::Bytes;
/// use hyper::{Request, client::conn::http1};
/// use runtime::compat::hyper::Io;
///
/// async fn fetch<S>(stream: S) -> hyper::Result<hyper::StatusCode>
/// where
///     S: AsyncRead + AsyncWrite + Unpin + 'static,
/// {
///     let (mut requests, connection) = http1::handshake(Io::new(stream)).await?;
///     runtime::spawn(connection);
///     let answer = requests.send_request(Request::new(Empty::<Bytes>::new())).await?;
///     Ok(answer.status())
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Io<T> {
    inner: T,
    flat: bool,
}

impl<T> Io<T> {
    /// Wraps a stream.
    pub fn new(inner: T) -> Io<T> {
        Io { inner, flat: false }
    }

    /// Wraps a stream whose vectored writes write a single buffer, as the default of [`AsyncWrite`] does.
    ///
    /// `hyper` then puts the parts of a message together before it writes them, instead of handing over all
    /// parts at once.
    pub fn without_vectored_writes(inner: T) -> Io<T> {
        Io { inner, flat: true }
    }

    /// Borrows the stream.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// Borrows the stream for changes.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Gives the stream back. The adapter holds no data of its own.
    pub fn into_inner(self) -> T {
        self.inner
    }

    #[inline]
    fn stream(self: Pin<&mut Self>) -> Pin<&mut T>
    where
        T: Unpin,
    {
        Pin::new(&mut self.get_mut().inner)
    }
}

impl<T: AsyncRead + Unpin> Read for Io<T> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        scratch::read(self.stream(), cx, buf.remaining(), |bytes| buf.put_slice(bytes))
    }
}

impl<T: AsyncWrite + Unpin> Write for Io<T> {
    forward_writes!(|io| io.stream(), AsyncWrite, poll_shutdown => poll_close);

    #[inline]
    fn is_write_vectored(&self) -> bool {
        !self.flat
    }
}

impl<T: Read + Unpin> AsyncRead for Io<T> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(buf);
        ready!(self.stream().poll_read(cx, buf.unfilled()))?;
        Poll::Ready(Ok(buf.filled().len()))
    }
}

impl<T: Write + Unpin> AsyncWrite for Io<T> {
    forward_writes!(|io| io.stream(), Write, poll_close => poll_shutdown);
}
