//! Waiting for readiness, and operations that do not wait.

use std::io::{self, IoSlice, IoSliceMut};
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest, Ready};

use super::TcpStream;
use crate::buffers;
use crate::sys;

/// Readiness, and operations that do not wait.
impl TcpStream {
    /// Waits until the stream is ready in one of the ways asked for, and tells which.
    ///
    /// Readiness can be out of date; go by the `WouldBlock` of the `try_` methods, which is also what makes the next call wait.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until an operation finds that there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{TcpListener, TcpStream};
    /// use runtime::reactor::Interest;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let stream = TcpStream::connect(listener.local_addr()?).await?;
    ///     let ready = stream.ready(Interest::READABLE | Interest::WRITABLE).await?;
    ///     assert!(ready.is_writable() && !ready.is_readable());
    ///     assert_eq!(stream.try_write(b"hello")?, 5);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.io.ready(interest).await
    }

    /// Waits until there may be something to read.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until a read finds that there is none.
    pub async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// Waits until there may be room to write.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until a write finds that there is none.
    pub async fn writable(&self) -> io::Result<()> {
        self.io.writable().await
    }

    /// Polls for readiness to read. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_read_ready(cx).map_ok(drop)
    }

    /// Polls for readiness to write. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_write_ready(cx).map_ok(drop)
    }

    /// Reads what has arrived; 0 bytes mean that the peer will send no more.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing has arrived, else those of recv(2).
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.io.try_read_io(buf.len(), |io| sys::stream::read(io, buf))
    }

    /// Reads what has arrived into several buffers, one after the other.
    ///
    /// # Errors
    ///
    /// As [`try_read`](TcpStream::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let (bufs, wanted) = buffers::readable_list(bufs);
        if wanted == 0 {
            return Ok(0);
        }
        self.io.try_read_io(wanted, |io| sys::stream::read_vectored(io, bufs))
    }

    /// Writes as much as there is room for.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, else those of send(2).
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        let buf = buffers::writable(buf);
        self.io.try_write_io(buf.len(), |io| sys::stream::write(io, buf))
    }

    /// Writes as much of several buffers as there is room for.
    ///
    /// # Errors
    ///
    /// As [`try_write`](TcpStream::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let (bufs, wanted) = buffers::writable_list(bufs);
        self.io.try_write_io(wanted, |io| sys::stream::write_vectored(io, bufs))
    }

    /// Calls `operation` if the stream is ready for it, for calls that this type does not have.
    ///
    /// `operation` acts on the stream's descriptor and returns [`WouldBlock`](io::ErrorKind::WouldBlock) when the system does; that
    /// makes the next [`readable`](TcpStream::readable) or [`writable`](TcpStream::writable) wait.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the stream is not ready, else those of `operation`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, |io| io.try_io(operation))
    }

    /// Calls `operation` until it returns something other than [`WouldBlock`](io::ErrorKind::WouldBlock), waiting in between.
    ///
    /// # Errors
    ///
    /// Those of `operation`, and that the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe if `operation` is: it is not called again after the future has been dropped.
    ///
    /// # Examples
    ///
    /// A system call of one's own, here to wait for a whole header and leave it in place:
    ///
    /// ```
    /// # #[cfg(unix)]
    /// # mod unix {
    /// use std::io;
    /// use runtime::net::TcpStream;
    /// use runtime::reactor::Interest;
    /// use rustix::net::{RecvFlags, recv};
    ///
    /// async fn header(stream: &TcpStream) -> io::Result<[u8; 8]> {
    ///     let mut header = [0; 8];
    ///     stream.async_io(Interest::READABLE, || {
    ///         match recv(stream, &mut header, RecvFlags::PEEK)? {
    ///             (0, _) => Err(io::ErrorKind::UnexpectedEof.into()),
    ///             (8, _) => Ok(()),
    ///             _ => Err(io::ErrorKind::WouldBlock.into()), // wait for more
    ///         }
    ///     }).await?;
    ///     Ok(header)
    /// }
    /// # }
    /// # fn main() {}
    /// ```
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut operation: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.with_io(interest, |io| io.try_io(&mut operation)).await
    }

    /// Reads without taking the bytes away: the next read returns them again.
    ///
    /// Any number of tasks may wait at once.
    ///
    /// # Errors
    ///
    /// Those of recv(2).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is consumed.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.with_io(Interest::READABLE, |io| io.peek(buf)).await
    }

    /// Polls for bytes without taking them away. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// Those of recv(2).
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, |io| io.peek(buf))
    }

    /// Peeks at what has arrived.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing has arrived, else those of recv(2).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| io.peek(buf))
    }
}
