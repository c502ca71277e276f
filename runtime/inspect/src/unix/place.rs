//! Where the sockets of processes are.
//!
//! One directory a user, and in it one socket a process, `PID.sock`. Nobody else may enter the directory: it
//! is made so, and one that is otherwise is refused, for whoever owns it could put a socket of theirs there.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

/// What says where sockets are, and whether programs have one without being told to.
const VARIABLE: &str = "RUNTIME_INSPECT";

/// What the environment says about being looked into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The variable is not set, or is empty, or `0`.
    Nothing,
    /// A socket at the usual place: `1`.
    Usual,
    /// A socket in this directory.
    In(PathBuf),
}

impl Wish {
    /// Reads the environment.
    pub(crate) fn of_environment() -> Wish {
        Wish::of(std::env::var_os(VARIABLE))
    }

    fn of(value: Option<OsString>) -> Wish {
        match value {
            None => Wish::Nothing,
            Some(value) if value.is_empty() || value == "0" => Wish::Nothing,
            Some(value) if value == "1" => Wish::Usual,
            Some(value) => Wish::In(value.into()),
        }
    }
}

/// The directory in which processes of this user have their sockets.
///
/// It is what the environment variable `RUNTIME_INSPECT` names, else `$XDG_RUNTIME_DIR/runtime-rs`, else
/// `runtime-rs-UID` in the directory for temporary files.
pub fn directory() -> PathBuf {
    if let Wish::In(directory) = Wish::of_environment() {
        return directory;
    }
    match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(base) if Path::new(&base).is_absolute() => Path::new(&base).join("runtime-rs"),
        _ => std::env::temp_dir().join(format!("runtime-rs-{}", geteuid().as_raw())),
    }
}

/// Makes the directory, unless it is there, and refuses one that others may write to.
pub(crate) fn prepare(directory: &Path) -> io::Result<()> {
    let made = DirBuilder::new().mode(0o700).recursive(true).create(directory);
    made.map_err(|error| about(directory, "cannot make the directory", &error))?;
    check(directory)
}

/// Refuses a directory in which somebody else could have put a socket.
pub(crate) fn check(directory: &Path) -> io::Result<()> {
    // Of what a symbolic link leads to: a link is as safe as where it is.
    let metadata = fs::metadata(directory)
        .map_err(|error| about(directory, "cannot look at the directory", &error))?;
    let refuse = |reason: String| {
        let message = format!("the directory {} {reason}", directory.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
    };
    if !metadata.is_dir() {
        let message = format!("{} is not a directory", directory.display());
        return Err(io::Error::new(io::ErrorKind::NotADirectory, message));
    }
    let own = geteuid().as_raw();
    if metadata.uid() != own && own != 0 {
        return refuse(format!("belongs to the user {}, not {own}", metadata.uid()));
    }
    if metadata.mode() & 0o022 != 0 {
        let mode = metadata.mode() & 0o7777;
        return refuse(format!("may be written to by others (mode {mode:o}); use 700"));
    }
    Ok(())
}

/// The socket of a process.
pub fn socket_of(directory: &Path, pid: u32) -> PathBuf {
    directory.join(format!("{pid}.sock"))
}

/// Whose socket a file is, by its name.
pub(crate) fn pid_of(path: &Path) -> Option<u32> {
    let stem = path.file_stem()?.to_str()?;
    if path.extension()? != "sock" {
        return None;
    }
    stem.parse().ok()
}

/// An error that says what could not be done to which file.
pub(crate) fn about(path: &Path, what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Wish, pid_of, socket_of};

    #[test]
    fn the_variable_says_whether_and_where() {
        assert_eq!(Wish::of(None), Wish::Nothing);
        assert_eq!(Wish::of(Some("".into())), Wish::Nothing);
        assert_eq!(Wish::of(Some("0".into())), Wish::Nothing);
        assert_eq!(Wish::of(Some("1".into())), Wish::Usual);
        assert_eq!(Wish::of(Some("/run/x".into())), Wish::In(PathBuf::from("/run/x")));
    }

    #[test]
    fn a_socket_is_named_by_its_process() {
        let path = socket_of(Path::new("/run/x"), 4711);
        assert_eq!(path, Path::new("/run/x/4711.sock"));
        assert_eq!(pid_of(&path), Some(4711));
        assert_eq!(pid_of(Path::new("/run/x/4711")), None);
        assert_eq!(pid_of(Path::new("/run/x/shell.sock")), None);
    }
}
