//! A stream of which more has been read than is wanted yet: by somebody before TLS began, or in one go with a
//! record.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

/// The longest record, with its header (RFC 5246, section 6.2.3).
const RECORD: usize = (1 << 14) + 2048 + 5;

thread_local! {
    /// Where reads go, so that a connection that is idle has no buffer, and no buffer has to be cleared for a
    /// read.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What TLS runs over: the bytes that have been read and not been asked for yet, then the stream.
#[derive(Debug)]
pub(super) struct Transport<S> {
    unread: Vec<u8>,
    position: usize,
    /// A flush has begun and not come to its end. A handshake that waits for an answer does not ask for it
    /// again, while the question may still be in a buffer of the stream.
    unflushed: bool,
    pub(super) stream: S,
}

impl<S> Transport<S> {
    pub(super) fn new(stream: S, unread: Vec<u8>) -> Transport<S> {
        Transport { unread, position: 0, unflushed: false, stream }
    }

    /// Copies as much as fits of what has been read before.
    fn read_again(&mut self, buf: &mut [u8]) -> usize {
        let left = &self.unread[self.position..];
        let count = left.len().min(buf.len());
        buf[..count].copy_from_slice(&left[..count]);
        self.position += count;
        if self.position == self.unread.len() {
            // The connection may be idle for long.
            drop(mem::take(&mut self.unread));
            self.position = 0;
        }
        count
    }
}

impl<S: AsyncRead + Unpin> Transport<S> {
    /// Reads a record at once, of which rustls wants 4 kB at a time.
    fn poll_read_ahead(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        // Taken out: the stream may be another of our kind. None on a thread that is about to end.
        let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
        scratch.resize(RECORD, 0);
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut scratch);
        let read = read.map_ok(|count| {
            let direct = count.min(buf.len());
            buf[..direct].copy_from_slice(&scratch[..direct]);
            self.unread.extend_from_slice(&scratch[direct..count]);
            direct
        });
        let _ = SCRATCH.try_with(|place| place.set(scratch));
        read
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
        if buf.len() >= RECORD {
            return Pin::new(&mut this.stream).poll_read(cx, buf);
        }
        this.poll_read_ahead(cx, buf)
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
