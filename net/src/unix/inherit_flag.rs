//! Keeping received descriptors from the programs that this process executes, where the system does it at once.

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::RecvFlags;

/// How to receive messages with descriptors.
pub(super) const RECEIVE: RecvFlags = RecvFlags::CMSG_CLOEXEC;

/// Nothing is left to be done.
pub(super) fn never(_: &OwnedFd) -> io::Result<()> {
    Ok(())
}
