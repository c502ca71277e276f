//! The file that a socket is bound to.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::SocketAddr;
use std::path::{self, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

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
        let is_ours = |(identity, _)| identity == self.identity;
        if self.unlink && look(&self.path).is_some_and(is_ours) {
            // A destructor has nobody to tell; the next bind replaces a file that is left.
            let _ = remove(&self.path, is_ours);
        }
    }
}

/// Which file it is, and when it was made or written to, which a new name does not change.
type Found = (Identity, (i64, i64));

/// Looks at the socket on `path`; `None` when there is none, or something else.
fn look(path: &Path) -> Option<Found> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let written = (metadata.mtime(), metadata.mtime_nsec());
    let identity = Identity { device: metadata.dev(), inode: metadata.ino() };
    metadata.file_type().is_socket().then_some((identity, written))
}

/// Removes the file on `path` if it is the one that is meant; tells whether it was.
///
/// Between a look and a removal another program may have put its own file there. So what is there is moved out
/// of everybody's way first, and put back if it turns out to be another file.
fn remove(path: &Path, is_meant: impl FnOnce(Found) -> bool) -> io::Result<bool> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    let aside = path.with_file_name(name);
    fs::rename(path, &aside)?;
    let meant = look(&aside).is_some_and(is_meant);
    if meant {
        fs::remove_file(&aside)?;
        return Ok(true);
    }
    // Not by a rename, which would replace what yet another program has put there since.
    match fs::hard_link(&aside, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(&aside, path)?,
        _ => fs::remove_file(&aside)?,
    }
    Ok(false)
}

/// Removes the socket that is in the way of a bind if no program has it open any more; tells whether it did.
fn remove_stale(address: &SocketAddr) -> io::Result<bool> {
    let Some(path) = address.as_pathname() else { return Ok(false) };
    // The time as well: once its socket is closed, a file's number may be given to the next.
    let Some(found) = look(path) else { return Ok(false) };
    if in_use(address)? || look(path) != Some(found) {
        return Ok(false);
    }
    remove(path, |moved| moved == found)
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
