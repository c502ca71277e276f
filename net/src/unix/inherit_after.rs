//! Keeping received descriptors from the programs that this process executes, where that takes a call for each.

use std::io;
use std::os::fd::OwnedFd;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::RecvFlags;

/// How to receive messages with descriptors.
pub(super) const RECEIVE: RecvFlags = RecvFlags::empty();

/// A program started between the receipt and this call has the descriptor nevertheless.
pub(super) fn never(fd: &OwnedFd) -> io::Result<()> {
    Ok(fcntl_setfd(fd, FdFlags::CLOEXEC)?)
}
