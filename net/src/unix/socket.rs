//! Sockets of the standard library as sources of events and of bytes.
//!
//! mio's own types lose abstract names: an accept of theirs says that the peer has none, and a name that
//! begins with a zero is cut short. Those of the standard library keep the address as the system gave it.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token, event};
use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags, recv, recvmsg};

use super::boundary;
use crate::stream::{Got, Readable, Socket, Writable};
use crate::sys;

/// Something with a descriptor that the reactor can watch.
pub struct Watched<S>(pub(super) S);

impl<S: AsRawFd> event::Source for Watched<S> {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interest)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}

impl<S: AsRawFd> AsRawFd for Watched<S> {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl<S: AsFd> AsFd for Watched<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl<S: fmt::Debug> fmt::Debug for Watched<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Readable for Watched<UnixStream> {
    #[inline]
    fn read(&self, buf: &mut [u8]) -> io::Result<Got> {
        boundary::read(&self.0, buf)
    }

    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got> {
        read_vectored(&self.0, bufs)
    }
}

/// A read ends early behind bytes that came with descriptors (unix(7)), and more may follow. Without room for
/// them the system closes the descriptors, and says by `MSG_CTRUNC` that there were some.
pub(super) fn read_vectored(stream: &UnixStream, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got> {
    let no_room = &mut RecvAncillaryBuffer::default();
    let received = recvmsg(stream, bufs, no_room, RecvFlags::empty())?;
    Ok(Got { count: received.bytes, cut: received.flags.contains(ReturnFlags::CTRUNC) })
}

impl Writable for Watched<UnixStream> {
    #[inline]
    fn write(&self, buf: &[u8]) -> io::Result<usize> {
        sys::stream::write(&self.0, buf)
    }

    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        sys::stream::write_vectored(&self.0, bufs)
    }
}

impl Socket for Watched<UnixStream> {
    fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(recv(self, buf, RecvFlags::PEEK)?.0)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.shutdown(how)
    }
}
