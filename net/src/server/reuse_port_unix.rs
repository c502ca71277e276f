//! Sharing an address, where systems can.

use std::io;

use crate::tcp::TcpSocket;

/// Lets other sockets bind the same address.
pub(super) fn set(socket: &TcpSocket) -> io::Result<()> {
    socket.set_reuseport(true)
}
