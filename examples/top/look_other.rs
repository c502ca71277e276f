//! Where there are no Unix sockets, nobody looks.

use std::io;
use std::path::PathBuf;

pub(crate) fn begin(_: Option<PathBuf>) -> io::Result<()> {
    println!("a process can be looked into on Unix only; this one is busy all the same");
    Ok(())
}
