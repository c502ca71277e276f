//! How to send and receive messages with descriptors, where flags of the call see to everything.

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::{RecvFlags, SendFlags};

/// Sends without a signal if nobody is there.
pub(super) const SEND: SendFlags = SendFlags::NOSIGNAL;

/// Receives descriptors that programs executed by this process do not inherit.
pub(super) const RECEIVE: RecvFlags = RecvFlags::CMSG_CLOEXEC;

/// Keeps a received descriptor from the programs that this process executes: nothing is left to be done.
pub(super) fn never_inherit(_: &OwnedFd) -> io::Result<()> {
    Ok(())
}
