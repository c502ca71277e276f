//! Names in the abstract namespace, where there is none.

use std::io;
use std::os::unix::net::SocketAddr;

use rustix::net::SocketAddrUnix;

pub(super) fn abstract_name(_: &SocketAddr) -> Option<&[u8]> {
    None
}

/// The address of a peer, as the standard library has it.
#[allow(dead_code, reason = "where the standard library accepts it hands over its own")]
pub(super) fn from_rustix(address: &SocketAddrUnix) -> io::Result<SocketAddr> {
    super::address::of_path_bytes(address.path_bytes())
}
