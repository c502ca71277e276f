//! Descriptors, and conversions from and to them.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net;

use super::{UnixDatagram, UnixListener, UnixStream};

/// The conversions of a socket type to descriptors and to the type of the same name in the standard library.
macro_rules! conversions {
    ($($Socket:ident),+) => {$(
        impl AsFd for $Socket {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.socket().as_fd()
            }
        }

        impl AsRawFd for $Socket {
            fn as_raw_fd(&self) -> RawFd {
                self.socket().as_raw_fd()
            }
        }

        impl TryFrom<net::$Socket> for $Socket {
            type Error = io::Error;

            /// As `from_std`.
            fn try_from(socket: net::$Socket) -> io::Result<$Socket> {
                $Socket::from_std(socket)
            }
        }

        impl TryFrom<$Socket> for net::$Socket {
            type Error = io::Error;

            /// As `into_std`.
            fn try_from(socket: $Socket) -> io::Result<net::$Socket> {
                socket.into_std()
            }
        }

        impl TryFrom<OwnedFd> for $Socket {
            type Error = io::Error;

            /// Takes over the descriptor of a socket, as `from_std`.
            fn try_from(fd: OwnedFd) -> io::Result<$Socket> {
                $Socket::from_std(fd.into())
            }
        }

        impl TryFrom<$Socket> for OwnedFd {
            type Error = io::Error;

            /// As `into_std`.
            fn try_from(socket: $Socket) -> io::Result<OwnedFd> {
                socket.into_std().map(Into::into)
            }
        }
    )+};
}

conversions!(UnixDatagram, UnixListener, UnixStream);
