//! The halves of a stream, TCP or Unix.
//!
//! One type reads and one type writes; borrowed and owned halves differ in how they hold the stream, which is
//! the type parameter.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use runtime_core::reactor::{Interest, Ready, Registered};

use super::Socket;
use crate::tcp::TcpStream;

/// A stream that can be split: `TcpStream`, and `UnixStream` where there is one. Nothing else implements it.
pub trait Split: sealed::Sealed + Sized {
    /// The type of the addresses of the two ends.
    type Address;

    #[doc(hidden)]
    type Socket: Socket;

    #[doc(hidden)]
    fn registered(&self) -> &Registered<Self::Socket>;

    #[doc(hidden)]
    fn address(&self) -> io::Result<Self::Address>;

    #[doc(hidden)]
    fn address_of_peer(&self) -> io::Result<Self::Address>;
}

pub(crate) mod sealed {
    /// What keeps `Split` to this crate.
    pub trait Sealed {}
}

pub(crate) fn borrowed<T>(stream: &T) -> (Reader<&T>, Writer<&T>) {
    (Reader { stream }, Writer { stream })
}

pub(crate) fn owned<T: Split>(stream: T) -> (Reader<SharedStream<T>>, Writer<Closing<T>>) {
    let stream = Arc::new(stream);
    let writer = Closing { stream: SharedStream(Arc::clone(&stream)), shutdown_on_drop: true };
    (Reader { stream: SharedStream(stream) }, Writer { stream: writer })
}

/// The half of a stream that reads. `ReadHalf` and `OwnedReadHalf` are its two forms.
#[derive(Debug)]
pub struct Reader<S> {
    stream: S,
}

/// The half of a stream that writes. `WriteHalf` and `OwnedWriteHalf` are its two forms.
#[derive(Debug)]
pub struct Writer<S> {
    stream: S,
}

impl<T: Split, S: Deref<Target = T>> Reader<S> {
    /// As the stream's `ready`.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.stream.registered().ready(interest).await
    }

    /// As the stream's `readable`.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn readable(&self) -> io::Result<()> {
        self.stream.registered().readable().await
    }

    /// As the stream's `try_read`.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        super::try_read(self.stream.registered(), buf)
    }

    /// As the stream's `try_read_vectored`.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        super::try_read_vectored(self.stream.registered(), bufs)
    }

    /// As the stream's `peek`.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        super::peek(self.stream.registered(), buf).await
    }

    /// As the stream's `poll_peek`.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        super::poll_peek(self.stream.registered(), cx, buf)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<T::Address> {
        self.stream.address()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2).
    pub fn peer_addr(&self) -> io::Result<T::Address> {
        self.stream.address_of_peer()
    }
}

impl<T: Split, S: Deref<Target = T>> Writer<S> {
    /// As the stream's `ready`.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.stream.registered().ready(interest).await
    }

    /// As the stream's `writable`.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn writable(&self) -> io::Result<()> {
        self.stream.registered().writable().await
    }

    /// As the stream's `try_write`.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        super::try_write(self.stream.registered(), buf)
    }

    /// As the stream's `try_write_vectored`.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        super::try_write_vectored(self.stream.registered(), bufs)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2).
    pub fn local_addr(&self) -> io::Result<T::Address> {
        self.stream.address()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2).
    pub fn peer_addr(&self) -> io::Result<T::Address> {
        self.stream.address_of_peer()
    }
}

impl<T: Split> Reader<SharedStream<T>> {
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
    pub fn reunite(self, mut writer: Writer<Closing<T>>) -> Result<T, ReuniteError<T>> {
        if !Arc::ptr_eq(&self.stream.0, &writer.stream.stream.0) {
            return Err(ReuniteError(self, writer));
        }
        writer.stream.shutdown_on_drop = false;
        drop(writer);
        let stream = Arc::into_inner(self.stream.0);
        Ok(stream.expect("a stream is shared by its two halves and by nothing else"))
    }
}

impl<T: Split> Writer<Closing<T>> {
    /// Puts the two halves of one stream together again, as the `reunite` of the other half.
    ///
    /// # Errors
    ///
    /// Gives both halves back when they are not of the same stream.
    pub fn reunite(self, reader: Reader<SharedStream<T>>) -> Result<T, ReuniteError<T>> {
        reader.reunite(self)
    }

    /// Drops the half without shutting writing down.
    pub fn forget(mut self) {
        self.stream.shutdown_on_drop = false;
    }
}

impl<T: Split, S: Deref<Target = T>> AsRef<T> for Reader<S> {
    fn as_ref(&self) -> &T {
        &self.stream
    }
}

impl<T: Split, S: Deref<Target = T>> AsRef<T> for Writer<S> {
    fn as_ref(&self) -> &T {
        &self.stream
    }
}

impl<T: Split, S: Deref<Target = T> + Unpin> AsyncRead for Reader<S> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        super::poll_read(self.stream.registered(), cx, buf)
    }

    #[inline]
    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        super::poll_read_vectored(self.stream.registered(), cx, bufs)
    }
}

impl<T: Split, S: Deref<Target = T> + Unpin> AsyncWrite for Writer<S> {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        super::poll_write(self.stream.registered(), cx, buf)
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        super::poll_write_vectored(self.stream.registered(), cx, bufs)
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(super::close(self.stream.registered()))
    }
}

/// A stream that two owned halves share.
#[derive(Debug)]
pub struct SharedStream<T>(Arc<T>);

impl<T> Deref for SharedStream<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

/// A shared stream whose writing side ends with this value.
#[derive(Debug)]
pub struct Closing<T: Split> {
    stream: SharedStream<T>,
    shutdown_on_drop: bool,
}

impl<T: Split> Deref for Closing<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.stream
    }
}

impl<T: Split> Drop for Closing<T> {
    fn drop(&mut self) {
        if self.shutdown_on_drop {
            // It fails only when the connection is gone already.
            let _ = self.stream.registered().get_ref().shutdown(Shutdown::Write);
        }
    }
}

/// Error of putting two halves together that are not of the same stream; it holds both.
pub struct ReuniteError<T: Split = TcpStream>(pub Reader<SharedStream<T>>, pub Writer<Closing<T>>);

impl<T: Split + fmt::Debug> fmt::Debug for ReuniteError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReuniteError").field(&self.0).field(&self.1).finish()
    }
}

impl<T: Split> fmt::Display for ReuniteError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves are not of the same stream")
    }
}

impl<T: Split + fmt::Debug> Error for ReuniteError<T> {}
