//! What calls the loops: a pipe.

use std::io;
use std::os::fd::{IntoRawFd, OwnedFd, RawFd};

/// Whether it has to be read for the next write to be an event: nothing can be written to a full pipe.
pub(super) const HAS_TO_BE_READ: bool = true;

/// The end that is watched, and the number of the one that is written, eight bytes at a time. That one stays
/// open.
pub(super) fn open() -> io::Result<(OwnedFd, RawFd)> {
    let (sender, receiver) = mio::unix::pipe::new()?;
    Ok((OwnedFd::from(receiver), sender.into_raw_fd()))
}
