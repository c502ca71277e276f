//! The parent's end of a pipe, nonblocking and watched by the loop.
//!
//! The two ends of a pipe are two open file descriptions, so that `O_NONBLOCK` here is nothing that the child
//! notices.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::task::{Context, Poll};

use mio::unix::SourceFd;
use mio::{Registry, Token, event};
use runtime_core::reactor::{Direction, Interest, Registered};
use rustix::buffer::spare_capacity;
use rustix::io::{ioctl_fionbio, read, readv, write, writev};

/// The most buffers in one call (`IOV_MAX`), on all systems that have a limit.
const MOST_BUFFERS: usize = 1024;

/// The most bytes in one call: what the system would cut off must not look like a full pipe.
const MOST_BYTES: usize = 1 << 30;

/// How much room there is for a read of all that comes, at first and at most: a pipe of Linux holds 64 KiB
/// (pipe(7)).
const LEAST_READ: usize = 4096;
const MOST_READ: usize = 65536;

/// An end of a pipe as a source of events.
#[derive(Debug)]
struct End(OwnedFd);

impl event::Source for End {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: mio::Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interest)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: mio::Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}

impl AsRawFd for End {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

fn register(fd: OwnedFd, interest: Interest) -> io::Result<Registered<End>> {
    ioctl_fionbio(&fd, true)?;
    Registered::closing(End(fd), interest)
}

/// The registration is ended first: another process may get the descriptor and keep it open.
fn into_blocking(io: Registered<End>) -> io::Result<OwnedFd> {
    let fd = io.into_inner()?.0;
    ioctl_fionbio(&fd, false)?;
    Ok(fd)
}

/// The end that reads what the child writes.
#[derive(Debug)]
pub(crate) struct Reader {
    io: Registered<End>,
}

impl Reader {
    pub(crate) fn new(pipe: impl Into<OwnedFd>) -> io::Result<Reader> {
        Ok(Reader { io: register(pipe.into(), Interest::READABLE)? })
    }

    /// The pipe, in blocking mode.
    pub(crate) fn into_blocking(self) -> io::Result<OwnedFd> {
        into_blocking(self.io)
    }

    /// A read that is short does not tell that the pipe is empty: the child can make packets of what it
    /// writes (`O_DIRECT`, pipe(2)).
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.io.poll_io(cx, Direction::Read, |end| Ok(read(&end.0, &mut *buf)?))
    }

    /// Reads behind what is in the vector already, into memory that nobody has cleared before.
    pub(crate) fn poll_append(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        // As much again as there is, up to what a pipe holds: little for little output, and few calls for
        // much.
        let wanted = bytes.len().clamp(LEAST_READ, MOST_READ);
        bytes.reserve(wanted);
        let read_once = |end: &End| Ok(read(&end.0, spare_capacity(&mut *bytes))?);
        self.io.poll_io(cx, Direction::Read, read_once)
    }

    pub(crate) fn poll_read_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let count = bufs.len().min(MOST_BUFFERS);
        self.io.poll_io(cx, Direction::Read, |end| Ok(readv(&end.0, &mut bufs[..count])?))
    }
}

impl AsFd for Reader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.get_ref().0.as_fd()
    }
}

/// The end that writes what the child reads.
#[derive(Debug)]
pub(crate) struct Writer {
    /// None once it has been closed.
    io: Option<Registered<End>>,
}

impl Writer {
    pub(crate) fn new(pipe: impl Into<OwnedFd>) -> io::Result<Writer> {
        Ok(Writer { io: Some(register(pipe.into(), Interest::WRITABLE)?) })
    }

    /// The pipe, in blocking mode.
    pub(crate) fn into_blocking(self) -> io::Result<OwnedFd> {
        into_blocking(self.io.ok_or_else(closed)?)
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let io = self.io.as_ref().ok_or_else(closed)?;
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let buf = &buf[..buf.len().min(MOST_BYTES)];
        io.poll_write_io(cx, buf.len(), |end| Ok(write(&end.0, buf)?))
    }

    pub(crate) fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        let io = self.io.as_ref().ok_or_else(closed)?;
        let buf = &buf[..buf.len().min(MOST_BYTES)];
        io.try_write_io(buf.len(), |end| Ok(write(&end.0, buf)?))
    }

    pub(crate) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let io = self.io.as_ref().ok_or_else(closed)?;
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        let bufs = &bufs[..bufs.len().min(MOST_BUFFERS)];
        io.poll_io(cx, Direction::Write, |end| Ok(writev(&end.0, bufs)?))
    }

    /// There is no buffer.
    pub(crate) fn poll_flush(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    pub(crate) fn poll_close(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io = None;
        Poll::Ready(Ok(()))
    }

    /// The descriptor, unless the pipe has been closed.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.io.as_ref().map(|io| io.get_ref().0.as_fd())
    }
}

#[cold]
fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "this end of the pipe has been closed")
}
