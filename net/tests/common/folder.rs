//! A folder for socket files, removed when dropped.

use std::io;
use std::path::PathBuf;

use tempfile::TempDir;

/// A short path, as sockets demand.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> io::Result<Folder> {
        tempfile::Builder::new().prefix("s").tempdir().map(Folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
