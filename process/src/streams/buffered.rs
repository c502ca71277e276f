//! The standard input with a buffer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead};

use super::Stdin;
use super::leftovers;

/// As much as the standard library's.
const SIZE: usize = 8 * 1024;

/// The standard input with a buffer, made by [`Stdin::buffered`].
///
/// It reads lines through the extensions of [`AsyncBufRead`]. What is in the buffer when it is dropped is not
/// lost: whoever reads the standard input next, by [`stdin`](super::stdin), gets it first.
#[derive(Debug)]
pub struct BufferedStdin {
    stdin: Stdin,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl BufferedStdin {
    pub(super) fn new(stdin: Stdin) -> BufferedStdin {
        BufferedStdin { stdin, buffer: vec![0; SIZE].into_boxed_slice(), start: 0, end: 0 }
    }

    /// Tells whether the input is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.stdin.is_terminal()
    }

    /// Returns what is in the buffer, which may be nothing, without reading.
    pub fn buffer(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }
}

impl AsyncBufRead for BufferedStdin {
    /// Returns what is in the buffer, and fills that first if it is empty; nothing is the end.
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.start == this.end {
            (this.start, this.end) = (0, 0);
            this.end = ready!(Pin::new(&mut this.stdin).poll_read(cx, &mut this.buffer))?;
        }
        Poll::Ready(Ok(this.buffer()))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }
}

impl AsyncRead for BufferedStdin {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.start == self.end && buf.len() >= SIZE {
            return Pin::new(&mut self.stdin).poll_read(cx, buf);
        }
        let filled = ready!(self.as_mut().poll_fill_buf(cx))?;
        let count = filled.len().min(buf.len());
        buf[..count].copy_from_slice(&filled[..count]);
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}

impl Drop for BufferedStdin {
    fn drop(&mut self) {
        leftovers::put_back(self.buffer());
    }
}
