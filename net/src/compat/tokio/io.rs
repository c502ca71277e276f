//! A stream of one world in the clothes of the other.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;

use super::read;
use crate::compat::forward_writes;

/// Makes a stream of `futures-io` one of `tokio`'s traits, and the other way round.
///
/// Our own sockets do without.
///
/// # Examples
///
/// A pipe of the `tokio` crate, read and written by the traits of `futures-io`:
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use runtime::compat::tokio::Compat;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let (here, there) = tokio::io::duplex(64);
///     let (mut here, mut there) = (Compat::new(here), Compat::new(there));
///     here.write_all(b"over and out").await?;
///     here.close().await?;
///     let mut text = String::new();
///     there.read_to_string(&mut text).await?;
///     assert_eq!(text, "over and out");
///     Ok(())
/// })
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Compat<T> {
    inner: T,
}

impl<T> Compat<T> {
    /// Wraps a stream.
    pub fn new(inner: T) -> Compat<T> {
        Compat { inner }
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

impl<T: futures_io::AsyncRead + Unpin> tokio::io::AsyncRead for Compat<T> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        read::read(self.stream(), cx, buf)
    }
}

impl<T: futures_io::AsyncWrite + Unpin> tokio::io::AsyncWrite for Compat<T> {
    forward_writes!(|io| io.stream(), futures_io::AsyncWrite, poll_shutdown => poll_close);

    /// Every stream of `futures-io` takes vectored writes; whether it takes more than the first buffer it
    /// does not say.
    #[inline]
    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl<T: tokio::io::AsyncRead + Unpin> futures_io::AsyncRead for Compat<T> {
    #[inline]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(buf);
        ready!(self.stream().poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().len()))
    }
}

impl<T: tokio::io::AsyncWrite + Unpin> futures_io::AsyncWrite for Compat<T> {
    forward_writes!(|io| io.stream(), tokio::io::AsyncWrite, poll_close => poll_shutdown);
}
