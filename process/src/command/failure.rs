//! What went wrong when a program could not be started, with its name.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::Command;

/// Adds the names of program and directory to an error that may be due to them.
///
/// Others, such as a lack of descriptors, stay as the system gave them.
pub(super) fn name(command: &Command, cause: io::Error) -> io::Error {
    match cause.kind() {
        kind @ (ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory) => {
            let program = command.get_program().to_owned();
            let folder = command.get_current_dir().map(PathBuf::from);
            io::Error::new(kind, Failure { program, folder, cause })
        }
        _ => cause,
    }
}

#[derive(Debug)]
struct Failure {
    program: OsString,
    folder: Option<PathBuf>,
    cause: io::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { program, folder, cause } = self;
        match folder {
            Some(folder) => write!(f, "cannot run {program:?} in {folder:?}: {cause}"),
            None => write!(f, "cannot run {program:?}: {cause}"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
