//! Reading by `futures-io` into a buffer of `tokio`'s.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;
use tokio::io::ReadBuf;

use crate::compat::scratch;

/// Reads in place what is initialized already, as the buffers of `read` and `read_exact` are, and fresh
/// memory by way of the thread's own buffer.
#[inline]
pub(super) fn read<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let room = buf.remaining();
    if buf.initialized().len() < buf.capacity() {
        return scratch::read(reader, cx, room, |bytes| buf.put_slice(bytes));
    }
    let count = ready!(reader.poll_read(cx, buf.initialize_unfilled()))?;
    buf.advance(count);
    Poll::Ready(Ok(()))
}
