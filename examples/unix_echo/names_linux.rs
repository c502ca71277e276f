//! What Linux has beyond paths: abstract names, and the identity of a peer.

use std::io;
#[cfg(target_os = "android")]
use std::os::android::net::SocketAddrExt;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;

use runtime::net::UnixStream;
use runtime::net::unix::SocketAddr;

/// The abstract address that `name` is.
pub(crate) fn abstract_address(name: &str) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(name)
}

/// Who is at the other end.
pub(crate) fn peer(stream: &UnixStream) -> io::Result<String> {
    let peer = stream.peer_cred()?;
    let process =
        peer.pid().map_or("a process out of sight".to_owned(), |pid| format!("process {pid}"));
    Ok(format!("{process} of user {}", peer.uid()))
}
