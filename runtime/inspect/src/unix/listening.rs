//! A socket that appears under its name when it can be connected to, and not before.
//!
//! It is bound under another name first, given its mode, and then renamed. So nobody ever finds a socket that
//! refuses connections because its owner has not called listen(2) yet, which is what tells a dead one.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use super::place::about;

/// A listener whose file is removed with it.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) listener: UnixListener,
    pub(super) path: PathBuf,
    /// Device and inode of the socket's file.
    identity: (u64, u64),
}

impl Listening {
    /// Listens at `path`, in place of what a process that is gone has left there.
    pub(super) fn at(path: &Path) -> io::Result<Listening> {
        make_room(path)?;
        let draft = draft_of(path)?;
        let _ = fs::remove_file(&draft);
        let listener = UnixListener::bind(&draft).map_err(|error| cannot_bind(path, &error))?;
        let identity = published(&draft, path);
        let identity = identity.inspect_err(|_| {
            let _ = fs::remove_file(&draft);
        })?;
        listener.set_nonblocking(true)?;
        Ok(Listening { listener, path: path.to_owned(), identity })
    }
}

fn published(draft: &Path, path: &Path) -> io::Result<(u64, u64)> {
    fs::set_permissions(draft, fs::Permissions::from_mode(0o600))?;
    let metadata = fs::symlink_metadata(draft)?;
    fs::rename(draft, path).map_err(|error| about(path, "cannot make the socket", &error))?;
    Ok((metadata.dev(), metadata.ino()))
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Somebody may have removed it, and a stranger's may be there now.
        let found = fs::symlink_metadata(&self.path);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes a socket that nobody listens at; anything else that is there is an error.
fn make_room(path: &Path) -> io::Result<()> {
    let taken = |what: &str| {
        let message = format!("cannot make the socket {}: {what}", path.display());
        Err(io::Error::new(io::ErrorKind::AddrInUse, message))
    };
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if !found.file_type().is_socket() => taken("a file of that name is there"),
        Ok(_) if remove_if_dead(path) => Ok(()),
        Ok(_) => taken("somebody listens there"),
    }
}

/// Removes the socket of a process that is gone; false if somebody listens at it, or it cannot be removed.
pub(super) fn remove_if_dead(path: &Path) -> bool {
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).is_ok()
        }
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(_) => false,
    }
}

fn draft_of(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        let message = format!("{} is no name for a socket", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    };
    let mut draft = std::ffi::OsString::from(".");
    draft.push(name);
    Ok(path.with_file_name(draft))
}

fn cannot_bind(path: &Path, error: &io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::InvalidInput {
        // What the system allows is 104 to 108 bytes, and the draft has one more than the path.
        let message = format!(
            "the path of the socket is too long ({} bytes): {}; choose a shorter directory by \
             RUNTIME_INSPECT or `inspect::Server::builder().path(..)`",
            path.as_os_str().len(),
            path.display()
        );
        return io::Error::new(io::ErrorKind::InvalidInput, message);
    }
    about(path, "cannot make the socket", error)
}
