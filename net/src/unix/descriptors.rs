//! Descriptors, and conversions from and to them.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net;

use super::{UnixListener, UnixStream};

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket().as_fd()
    }
}

impl AsRawFd for UnixListener {
    fn as_raw_fd(&self) -> RawFd {
        self.socket().as_raw_fd()
    }
}

impl TryFrom<net::UnixListener> for UnixListener {
    type Error = io::Error;

    /// As [`UnixListener::from_std`].
    fn try_from(listener: net::UnixListener) -> io::Result<UnixListener> {
        UnixListener::from_std(listener)
    }
}

impl TryFrom<UnixListener> for net::UnixListener {
    type Error = io::Error;

    /// As [`UnixListener::into_std`].
    fn try_from(listener: UnixListener) -> io::Result<net::UnixListener> {
        listener.into_std()
    }
}

impl TryFrom<OwnedFd> for UnixListener {
    type Error = io::Error;

    /// Takes over the descriptor of a listening socket, as [`UnixListener::from_std`].
    fn try_from(fd: OwnedFd) -> io::Result<UnixListener> {
        UnixListener::from_std(fd.into())
    }
}

impl TryFrom<UnixListener> for OwnedFd {
    type Error = io::Error;

    /// As [`UnixListener::into_std`].
    fn try_from(listener: UnixListener) -> io::Result<OwnedFd> {
        listener.into_std().map(Into::into)
    }
}

impl AsFd for UnixStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket().as_fd()
    }
}

impl AsRawFd for UnixStream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket().as_raw_fd()
    }
}

impl TryFrom<net::UnixStream> for UnixStream {
    type Error = io::Error;

    /// As [`UnixStream::from_std`].
    fn try_from(stream: net::UnixStream) -> io::Result<UnixStream> {
        UnixStream::from_std(stream)
    }
}

impl TryFrom<UnixStream> for net::UnixStream {
    type Error = io::Error;

    /// As [`UnixStream::into_std`].
    fn try_from(stream: UnixStream) -> io::Result<net::UnixStream> {
        stream.into_std()
    }
}

impl TryFrom<OwnedFd> for UnixStream {
    type Error = io::Error;

    /// Takes over the descriptor of a connected socket, as [`UnixStream::from_std`].
    fn try_from(fd: OwnedFd) -> io::Result<UnixStream> {
        UnixStream::from_std(fd.into())
    }
}

impl TryFrom<UnixStream> for OwnedFd {
    type Error = io::Error;

    /// As [`UnixStream::into_std`].
    fn try_from(stream: UnixStream) -> io::Result<OwnedFd> {
        stream.into_std().map(Into::into)
    }
}
