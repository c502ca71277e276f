//! What calls the loops: an eventfd(2).

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use rustix::event::{EventfdFlags, eventfd};

/// Whether it has to be read for the next write to be an event. Each write is one for an epoll(7) that tells
/// edges, and the counter does not get full in a lifetime.
pub(super) const HAS_TO_BE_READ: bool = false;

/// The end that is watched, and the number of the one that is written, eight bytes at a time.
pub(super) fn open() -> io::Result<(OwnedFd, RawFd)> {
    let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    let number = fd.as_raw_fd();
    Ok((fd, number))
}
