//! Taking a connection off the queue, where one call does it all.

use std::io;
use std::mem;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

use rustix::net::{SocketAddrAny, SocketAddrUnix, SocketFlags, acceptfrom_with};

use super::names;

const OFFSET_OF_PATH: usize = mem::offset_of!(libc::sockaddr_un, sun_path);

pub(super) fn from(listener: &UnixListener) -> io::Result<(UnixStream, SocketAddr)> {
    let (fd, peer) = acceptfrom_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
    Ok((fd.into(), address(peer)?))
}

fn address(peer: Option<SocketAddrAny>) -> io::Result<SocketAddr> {
    // The length is all that tells an unnamed address from the abstract one whose name is empty.
    match peer {
        Some(peer) if peer.addr_len() as usize > OFFSET_OF_PATH => {
            names::from_rustix(&SocketAddrUnix::try_from(peer)?)
        }
        _ => SocketAddr::from_pathname(""),
    }
}
