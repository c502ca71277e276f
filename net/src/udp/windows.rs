//! Windows' socket handles.

use std::io;
use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, OwnedSocket, RawSocket};

use super::UdpSocket;

impl AsSocket for UdpSocket {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.io.get_ref().as_socket()
    }
}

impl AsRawSocket for UdpSocket {
    fn as_raw_socket(&self) -> RawSocket {
        self.io.get_ref().as_raw_socket()
    }
}

impl TryFrom<OwnedSocket> for UdpSocket {
    type Error = io::Error;

    /// Takes over the handle of a UDP socket, as [`UdpSocket::from_std`].
    fn try_from(handle: OwnedSocket) -> io::Result<UdpSocket> {
        UdpSocket::from_std(handle.into())
    }
}

impl TryFrom<UdpSocket> for OwnedSocket {
    type Error = io::Error;

    /// As [`UdpSocket::into_std`].
    fn try_from(socket: UdpSocket) -> io::Result<OwnedSocket> {
        socket.into_std().map(Into::into)
    }
}
