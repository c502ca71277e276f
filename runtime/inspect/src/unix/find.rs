//! Finding the processes that can be looked into.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::listening::remove_if_dead;
use super::place::{self, about, pid_of};

/// A socket of a process, which may have gone since.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The process.
    pub pid: u32,
    /// Its socket.
    pub path: PathBuf,
}

/// Finds the sockets in a directory, in the order of process ids. One that does not exist has none.
///
/// # Errors
///
/// If the directory cannot be read, or if others may write to it.
pub fn find(directory: &Path) -> io::Result<Vec<Found>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(about(directory, "cannot read the directory", &error)),
    };
    place::check(directory)?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut found: Vec<Found> =
        paths.filter_map(|path| Some(Found { pid: pid_of(&path)?, path })).collect();
    found.sort_by_key(|found| found.pid);
    Ok(found)
}

/// Removes the sockets of processes that are gone.
pub fn sweep(directory: &Path) {
    for found in find(directory).unwrap_or_default() {
        remove_if_dead(&found.path);
    }
    for draft in old_drafts(directory) {
        remove_if_dead(&draft);
    }
}

/// How old a draft is whose process will not finish it. It takes microseconds.
const LONG_AGO: Duration = Duration::from_secs(60);

/// Sockets that never got their names, because their processes ended too early.
fn old_drafts(directory: &Path) -> Vec<PathBuf> {
    let is_draft = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with('.') && name.ends_with(".sock")
    };
    let is_old = |path: &Path| {
        let age = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
        age.is_ok_and(|since| since.elapsed().is_ok_and(|age| age > LONG_AGO))
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| is_draft(path) && is_old(path)).collect()
}
