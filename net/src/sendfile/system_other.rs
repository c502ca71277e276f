//! Nothing that sends files by itself.

use std::io;

use super::Part;
use crate::zero_copy::Socket;

/// Sends a part of a file; there is nobody to call this.
pub(super) async fn send(socket: Socket<'_>, _: &mut Part<'_>) -> io::Result<bool> {
    match socket.never {}
}
