//! Windows' socket handles.

use std::io;
use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, OwnedSocket, RawSocket};

use socket2::Socket;

use super::{TcpListener, TcpSocket, TcpStream};

impl AsSocket for TcpListener {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.io.get_ref().as_socket()
    }
}

impl AsRawSocket for TcpListener {
    fn as_raw_socket(&self) -> RawSocket {
        self.io.get_ref().as_raw_socket()
    }
}

impl TryFrom<OwnedSocket> for TcpListener {
    type Error = io::Error;

    /// Takes over the handle of a listening socket, as [`TcpListener::from_std`].
    fn try_from(handle: OwnedSocket) -> io::Result<TcpListener> {
        TcpListener::from_std(handle.into())
    }
}

impl TryFrom<TcpListener> for OwnedSocket {
    type Error = io::Error;

    /// As [`TcpListener::into_std`].
    fn try_from(listener: TcpListener) -> io::Result<OwnedSocket> {
        listener.into_std().map(Into::into)
    }
}

impl AsSocket for TcpStream {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.io.get_ref().as_socket()
    }
}

impl AsRawSocket for TcpStream {
    fn as_raw_socket(&self) -> RawSocket {
        self.io.get_ref().as_raw_socket()
    }
}

impl TryFrom<OwnedSocket> for TcpStream {
    type Error = io::Error;

    /// Takes over the handle of a connected socket, as [`TcpStream::from_std`].
    fn try_from(handle: OwnedSocket) -> io::Result<TcpStream> {
        TcpStream::from_std(handle.into())
    }
}

impl TryFrom<TcpStream> for OwnedSocket {
    type Error = io::Error;

    /// As [`TcpStream::into_std`].
    fn try_from(stream: TcpStream) -> io::Result<OwnedSocket> {
        stream.into_std().map(Into::into)
    }
}

impl AsSocket for TcpSocket {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.socket.as_socket()
    }
}

impl AsRawSocket for TcpSocket {
    fn as_raw_socket(&self) -> RawSocket {
        self.socket.as_raw_socket()
    }
}

impl TryFrom<OwnedSocket> for TcpSocket {
    type Error = io::Error;

    /// Takes over the handle of a socket that is not connected yet, and makes it nonblocking.
    fn try_from(handle: OwnedSocket) -> io::Result<TcpSocket> {
        TcpSocket::adopt(Socket::from(handle))
    }
}

impl From<TcpSocket> for OwnedSocket {
    fn from(socket: TcpSocket) -> OwnedSocket {
        socket.socket.into()
    }
}
