//! The halves of a stream.
//!
//! One type reads and one type writes; borrowed and owned halves differ in how they hold the stream, which is the
//! type parameter.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Shutdown, SocketAddr};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use runtime_core::reactor::{Interest, Ready};

use super::TcpStream;

/// The half of a [`TcpStream`] that reads, borrowed with [`TcpStream::split`].
pub type ReadHalf<'a> = Reader<&'a TcpStream>;

/// The half of a [`TcpStream`] that writes, borrowed with [`TcpStream::split`].
pub type WriteHalf<'a> = Writer<&'a TcpStream>;

/// The half of a [`TcpStream`] that reads, made by [`TcpStream::into_split`].
///
/// Dropping it does not shut reading down. The connection closes when both halves have been dropped.
pub type OwnedReadHalf = Reader<SharedStream>;

/// The half of a [`TcpStream`] that writes, made by [`TcpStream::into_split`].
///
/// Dropping it shuts writing down, unless [`forget`](OwnedWriteHalf::forget) is called instead.
pub type OwnedWriteHalf = Writer<Closing>;

pub(super) fn borrowed(stream: &TcpStream) -> (ReadHalf<'_>, WriteHalf<'_>) {
    (Reader { stream }, Writer { stream })
}

pub(super) fn owned(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let stream = Arc::new(stream);
    let writer = Closing { stream: SharedStream(Arc::clone(&stream)), shutdown_on_drop: true };
    (Reader { stream: SharedStream(stream) }, Writer { stream: writer })
}

/// The half of a stream that reads. [`ReadHalf`] and [`OwnedReadHalf`] are its two forms.
#[derive(Debug)]
pub struct Reader<S> {
    stream: S,
}

/// The half of a stream that writes. [`WriteHalf`] and [`OwnedWriteHalf`] are its two forms.
#[derive(Debug)]
pub struct Writer<S> {
    stream: S,
}

impl<S: Deref<Target = TcpStream>> Reader<S> {
    /// As [`TcpStream::ready`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.stream.ready(interest).await
    }

    /// As [`TcpStream::readable`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn readable(&self) -> io::Result<()> {
        self.stream.readable().await
    }

    /// As [`TcpStream::try_read`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.try_read(buf)
    }

    /// As [`TcpStream::try_read_vectored`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.stream.try_read_vectored(bufs)
    }

    /// As [`TcpStream::peek`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.peek(buf).await
    }

    /// As [`TcpStream::poll_peek`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.stream.poll_peek(cx, buf)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl<S: Deref<Target = TcpStream>> Writer<S> {
    /// As [`TcpStream::ready`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.stream.ready(interest).await
    }

    /// As [`TcpStream::writable`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn writable(&self) -> io::Result<()> {
        self.stream.writable().await
    }

    /// As [`TcpStream::try_write`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.stream.try_write(buf)
    }

    /// As [`TcpStream::try_write_vectored`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream.try_write_vectored(bufs)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream.local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl OwnedReadHalf {
    /// Puts the two halves of one stream together again. Nothing is shut down.
    ///
    /// # Errors
    ///
    /// Gives both halves back when they are not of the same stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let stream = TcpStream::connect(listener.local_addr()?).await?;
    ///     let (reader, writer) = stream.into_split();
    ///     let stream = reader.reunite(writer)?;
    ///     stream.set_nodelay(true)?;
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn reunite(self, mut writer: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        if !Arc::ptr_eq(&self.stream.0, &writer.stream.stream.0) {
            return Err(ReuniteError(self, writer));
        }
        writer.stream.shutdown_on_drop = false;
        drop(writer);
        let stream = Arc::into_inner(self.stream.0);
        Ok(stream.expect("a stream is shared by its two halves and by nothing else"))
    }
}

impl OwnedWriteHalf {
    /// Puts the two halves of one stream together again, as [`OwnedReadHalf::reunite`].
    ///
    /// # Errors
    ///
    /// Gives both halves back when they are not of the same stream.
    pub fn reunite(self, reader: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        reader.reunite(self)
    }

    /// Drops the half without shutting writing down.
    pub fn forget(mut self) {
        self.stream.shutdown_on_drop = false;
    }
}

impl<S: Deref<Target = TcpStream>> AsRef<TcpStream> for Reader<S> {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}

impl<S: Deref<Target = TcpStream>> AsRef<TcpStream> for Writer<S> {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}

impl<S: Deref<Target = TcpStream> + Unpin> AsyncRead for Reader<S> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_read(cx, buf)
    }

    #[inline]
    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_read_vectored(cx, bufs)
    }
}

impl<S: Deref<Target = TcpStream> + Unpin> AsyncWrite for Writer<S> {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_write(cx, buf)
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_write_vectored(cx, bufs)
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self.stream).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self.stream).poll_close(cx)
    }
}

/// A stream that two owned halves share.
#[derive(Debug)]
pub struct SharedStream(Arc<TcpStream>);

impl Deref for SharedStream {
    type Target = TcpStream;

    #[inline]
    fn deref(&self) -> &TcpStream {
        &self.0
    }
}

/// A shared stream whose writing side ends with this value.
#[derive(Debug)]
pub struct Closing {
    stream: SharedStream,
    shutdown_on_drop: bool,
}

impl Deref for Closing {
    type Target = TcpStream;

    #[inline]
    fn deref(&self) -> &TcpStream {
        &self.stream
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if self.shutdown_on_drop {
            // It fails only when the connection is gone already.
            let _ = self.stream.shutdown(Shutdown::Write);
        }
    }
}

/// Error of putting two halves together that are not of the same stream; it holds both.
#[derive(Debug)]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves are not of the same stream")
    }
}

impl Error for ReuniteError {}
