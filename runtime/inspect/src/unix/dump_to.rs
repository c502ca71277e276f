//! Where dumps go.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

/// Where [`dump_on_signal`](crate::dump_on_signal) writes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DumpTo {
    /// To the standard error stream.
    Stderr,
    /// To a file, behind what is in it. It is made if need be, and opened for each dump, so it may be moved
    /// away in between.
    File(PathBuf),
}

impl DumpTo {
    /// Writes a dump in one piece.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        match self {
            DumpTo::Stderr => io::stderr().lock().write_all(text.as_bytes()),
            DumpTo::File(path) => {
                let mut file = OpenOptions::new().append(true).create(true).open(path)?;
                file.write_all(text.as_bytes())
            }
        }
    }
}

impl From<PathBuf> for DumpTo {
    fn from(path: PathBuf) -> DumpTo {
        DumpTo::File(path)
    }
}
