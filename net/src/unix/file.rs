//! The file that a socket is bound to.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::SocketAddr;
use std::path::{self, Path, PathBuf};

use socket2::{Domain, Socket, Type};

use super::address;

/// Which file it is, on whatever path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

/// The file that a bind has made.
#[derive(Debug)]
pub(super) struct SocketFile {
    /// Absolute, so that it means the same in another working directory.
    path: PathBuf,
    identity: Identity,
    /// Whether to remove the file when this is dropped.
    pub(super) unlink: bool,
}

/// Binds `socket`, and tells which file that has made, if one.
pub(super) fn bind(socket: &Socket, address: &SocketAddr) -> io::Result<Option<SocketFile>> {
    let target = address::to_socket2(address)?;
    match socket.bind(&target) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && remove_stale(address)? => {
            socket.bind(&target)?;
        }
        result => result?,
    }
    Ok(SocketFile::just_made(address))
}

impl SocketFile {
    /// Remembers what has just been made; `None` if the address is not a file, or the file cannot be seen.
    fn just_made(address: &SocketAddr) -> Option<SocketFile> {
        let path = path::absolute(address.as_pathname()?).ok()?;
        let (identity, _) = look(&path)?;
        Some(SocketFile { path, identity, unlink: false })
    }

    /// The same file, to be removed.
    pub(super) fn unlinking(self) -> SocketFile {
        let mut file = self;
        file.unlink = true;
        file
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let found = if self.unlink { look(&self.path) } else { None };
        if found.is_some_and(|(identity, _)| identity == self.identity) {
            // A destructor has nobody to tell; the next bind replaces a file that is left.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Looks at the socket on `path`, and when it was changed last; `None` when there is none, or something else.
fn look(path: &Path) -> Option<(Identity, (i64, i64))> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    let identity = Identity { device: metadata.dev(), inode: metadata.ino() };
    metadata.file_type().is_socket().then_some((identity, changed))
}

/// Removes the socket that is in the way of a bind if no program has it open any more; tells whether it did.
fn remove_stale(address: &SocketAddr) -> io::Result<bool> {
    let Some(path) = address.as_pathname() else { return Ok(false) };
    // The time as well: once its socket is closed, a file's number may be given to the next.
    let Some(found) = look(path) else { return Ok(false) };
    if in_use(address)? || look(path) != Some(found) {
        return Ok(false);
    }
    fs::remove_file(path)?;
    Ok(true)
}

/// Whether a socket belongs to the file.
///
/// Only the connect of a datagram socket tells that without a trace: a listener would have to accept a
/// connection, and a stream socket that has been bound a moment ago and does not listen yet would refuse one,
/// as if it were gone.
fn in_use(address: &SocketAddr) -> io::Result<bool> {
    let probe = Socket::new(Domain::UNIX, Type::DGRAM, None)?;
    let refused = match probe.connect(&address::to_socket2(address)?) {
        Ok(()) => false,
        Err(error) => error.kind() == io::ErrorKind::ConnectionRefused,
    };
    Ok(!refused)
}
