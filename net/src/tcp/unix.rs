//! Descriptors, and the options that only Unix has.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use socket2::Socket;

use super::{TcpListener, TcpSocket, TcpStream};

impl TcpSocket {
    /// Lets several sockets bind the same address; the system spreads connections over them (`SO_REUSEPORT`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    #[cfg(not(any(target_os = "illumos", target_os = "solaris")))]
    pub fn set_reuseport(&self, reuse: bool) -> io::Result<()> {
        self.socket.set_reuse_port(reuse)
    }

    /// Whether `SO_REUSEPORT` is set.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    #[cfg(not(any(target_os = "illumos", target_os = "solaris")))]
    pub fn reuseport(&self) -> io::Result<bool> {
        self.socket.reuse_port()
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.get_ref().as_fd()
    }
}

impl AsRawFd for TcpListener {
    fn as_raw_fd(&self) -> RawFd {
        self.io.get_ref().as_raw_fd()
    }
}

impl TryFrom<OwnedFd> for TcpListener {
    type Error = io::Error;

    /// Takes over the descriptor of a listening socket, as [`TcpListener::from_std`].
    fn try_from(fd: OwnedFd) -> io::Result<TcpListener> {
        TcpListener::from_std(fd.into())
    }
}

impl TryFrom<TcpListener> for OwnedFd {
    type Error = io::Error;

    /// As [`TcpListener::into_std`].
    fn try_from(listener: TcpListener) -> io::Result<OwnedFd> {
        listener.into_std().map(Into::into)
    }
}

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.get_ref().as_fd()
    }
}

impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        self.io.get_ref().as_raw_fd()
    }
}

impl TryFrom<OwnedFd> for TcpStream {
    type Error = io::Error;

    /// Takes over the descriptor of a connected socket, as [`TcpStream::from_std`].
    fn try_from(fd: OwnedFd) -> io::Result<TcpStream> {
        TcpStream::from_std(fd.into())
    }
}

impl TryFrom<TcpStream> for OwnedFd {
    type Error = io::Error;

    /// As [`TcpStream::into_std`].
    fn try_from(stream: TcpStream) -> io::Result<OwnedFd> {
        stream.into_std().map(Into::into)
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl TryFrom<OwnedFd> for TcpSocket {
    type Error = io::Error;

    /// Takes over the descriptor of a socket that is not connected yet, and makes it nonblocking.
    fn try_from(fd: OwnedFd) -> io::Result<TcpSocket> {
        TcpSocket::adopt(Socket::from(fd))
    }
}

impl From<TcpSocket> for OwnedFd {
    fn from(socket: TcpSocket) -> OwnedFd {
        socket.socket.into()
    }
}
