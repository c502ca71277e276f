//! How to send and receive messages with descriptors, where the calls have no flags for it.

use std::io;
use std::os::fd::OwnedFd;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{RecvFlags, SendFlags};

/// Whether there is a signal if nobody is there is an option of the socket, set when it was made
/// (`SO_NOSIGPIPE`).
pub(super) const SEND: SendFlags = SendFlags::empty();

/// Receives descriptors that have to be kept from others afterwards.
pub(super) const RECEIVE: RecvFlags = RecvFlags::empty();

/// Keeps a received descriptor from the programs that this process executes, but for one that another thread
/// starts between the receipt and this call.
pub(super) fn never_inherit(fd: &OwnedFd) -> io::Result<()> {
    Ok(fcntl_setfd(fd, FdFlags::CLOEXEC)?)
}
