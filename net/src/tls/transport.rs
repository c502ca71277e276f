//! A stream of which somebody has read the beginning.

use std::io::{self, IoSlice};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

/// What TLS runs over: the bytes that were read before it was asked, then the stream.
#[derive(Debug)]
pub(super) struct Transport<S> {
    unread: Vec<u8>,
    position: usize,
    /// A flush has begun and not come to its end. A handshake that waits for an answer does not ask for it again,
    /// while the question may still be in a buffer of the stream.
    unflushed: bool,
    pub(super) stream: S,
}

impl<S> Transport<S> {
    pub(super) fn new(stream: S, unread: Vec<u8>) -> Transport<S> {
        Transport { unread, position: 0, unflushed: false, stream }
    }

    /// Copies as much as fits of what had been read before.
    fn read_again(&mut self, buf: &mut [u8]) -> usize {
        let left = &self.unread[self.position..];
        let count = left.len().min(buf.len());
        buf[..count].copy_from_slice(&left[..count]);
        self.position += count;
        if self.position == self.unread.len() {
            // It is never needed again, and the connection may live for long.
            drop(mem::take(&mut self.unread));
            self.position = 0;
        }
        count
    }
}

/// Has a stream that takes nothing fail, for whose sake futures-rustls would wait, or try for ever.
fn progress(written: Poll<io::Result<usize>>, nothing: bool) -> Poll<io::Result<usize>> {
    match written {
        Poll::Ready(Ok(0)) if !nothing => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        written => written,
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Transport<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if !this.unread.is_empty() {
            return Poll::Ready(Ok(this.read_again(buf)));
        }
        if this.unflushed {
            if let Poll::Ready(Err(error)) = Pin::new(&mut *this).poll_flush(cx) {
                return Poll::Ready(Err(error));
            }
        }
        Pin::new(&mut this.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Transport<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        progress(Pin::new(&mut self.stream).poll_write(cx, buf), buf.is_empty())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        progress(written, bufs.iter().all(|buf| buf.is_empty()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.unflushed = flushed.is_pending();
        flushed
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}
