//! Reading into memory that is not initialized.
//!
//! The buffers of `hyper` and `tokio` are mostly fresh memory, and `futures-io` reads into initialized memory
//! only. To fill such a buffer with zeros costs as much as it has room, 8 KiB and more at every attempt,
//! whether there is anything to read or not. Here each thread has one initialized buffer instead, and what
//! has been read is copied from it: that costs as much as arrives, which for a request is next to nothing.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

/// The most bytes that one read takes: what comes in bulk should not cost many system calls, and the buffer
/// should stay in the processor's cache between its two uses.
const MOST: usize = 64 * 1024;

thread_local! {
    /// Empty before the first read, and while a read is under way.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Reads up to `room` bytes and hands them to `put`.
#[inline]
pub(super) fn read<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    room: usize,
    put: impl FnOnce(&[u8]),
) -> Poll<io::Result<()>> {
    // A reader is anybody's code, and may well come here again, as TLS over such a reader does: it finds no
    // buffer then, and takes a new one.
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    if buffer.is_empty() {
        buffer = vec![0; MOST];
    }
    let read = reader.poll_read(cx, &mut buffer[..room.min(MOST)]);
    if let Poll::Ready(Ok(count)) = read {
        put(&buffer[..count]);
    }
    // A thread that is about to end has no place for it any more.
    let _ = BUFFER.try_with(|place| place.set(buffer));
    ready!(read)?;
    Poll::Ready(Ok(()))
}
