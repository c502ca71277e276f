//! Descriptors, and the options that only Unix has.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use super::{Builder, UdpSocket};

impl Builder {
    /// Lets several sockets bind the same address (`SO_REUSEPORT`); Linux spreads the senders over them.
    #[cfg(not(any(target_os = "illumos", target_os = "solaris")))]
    pub fn reuse_port(self, reuse: bool) -> Builder {
        self.set(move |socket, _| socket.set_reuse_port(reuse))
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.get_ref().as_fd()
    }
}

impl AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.io.get_ref().as_raw_fd()
    }
}

impl TryFrom<OwnedFd> for UdpSocket {
    type Error = io::Error;

    /// Takes over the descriptor of a UDP socket, as [`UdpSocket::from_std`].
    fn try_from(fd: OwnedFd) -> io::Result<UdpSocket> {
        UdpSocket::from_std(fd.into())
    }
}

impl TryFrom<UdpSocket> for OwnedFd {
    type Error = io::Error;

    /// As [`UdpSocket::into_std`].
    fn try_from(socket: UdpSocket) -> io::Result<OwnedFd> {
        socket.into_std().map(Into::into)
    }
}
