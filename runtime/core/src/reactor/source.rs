//! What can be registered on Unix: anything that mio can register and that has a descriptor.

use std::os::fd::AsRawFd;

use mio::event;

/// Something the reactor can watch.
///
/// Implemented for everything that is an [`event::Source`] of mio and has a file descriptor: mio's
/// sockets and pipes, and types of yours that pass the calls on to [`mio::unix::SourceFd`]. There
/// is nothing to implement by hand.
pub trait Source: event::Source + AsRawFd {}

impl<T: event::Source + AsRawFd + ?Sized> Source for T {}

/// Returns the number under which the system knows the source.
pub(super) fn number(source: &dyn Source) -> i32 {
    source.as_raw_fd()
}
