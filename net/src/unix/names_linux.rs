//! Names in the abstract namespace, which Linux has.

use std::io;
#[cfg(target_os = "android")]
use std::os::android::net::SocketAddrExt;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;

use rustix::net::SocketAddrUnix;

pub(super) fn abstract_name(address: &SocketAddr) -> Option<&[u8]> {
    address.as_abstract_name()
}

/// The address of a peer, as the standard library has it.
pub(super) fn from_rustix(address: &SocketAddrUnix) -> io::Result<SocketAddr> {
    match address.abstract_name() {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => super::address::of_path_bytes(address.path_bytes()),
    }
}
