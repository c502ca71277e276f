//! Sharing an address, where systems cannot.

use std::io;

use crate::tcp::TcpSocket;

/// Refuses to let other sockets bind the same address.
pub(super) fn set(_: &TcpSocket) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no SO_REUSEPORT"))
}
