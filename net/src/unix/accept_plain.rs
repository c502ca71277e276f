//! Taking a connection off the queue, where it takes several calls.

use std::io;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

pub(super) fn from(listener: &UnixListener) -> io::Result<(UnixStream, SocketAddr)> {
    let (stream, peer) = listener.accept()?;
    stream.set_nonblocking(true)?;
    Ok((stream, peer))
}
