//! Where threads cannot be pinned, or only asked to stay.

use std::io;

/// There are none to pin to.
#[derive(Debug)]
pub(super) enum Processors {}

impl Processors {
    pub(super) fn usable() -> io::Result<Processors> {
        let message = "threads can be pinned to a processor on Linux only";
        Err(io::Error::new(io::ErrorKind::Unsupported, message))
    }

    pub(super) fn pin(&self, _index: usize) -> io::Result<()> {
        match *self {}
    }
}
