//! No descriptors that stand for a child: they are Linux's.

use std::io;
use std::process::{Child, ExitStatus};

/// A descriptor that stands for a child, of which there are none here.
#[derive(Clone, Debug)]
pub(crate) enum PidFd {}

impl PidFd {
    /// Fails.
    pub(crate) fn open(_id: u32) -> io::Result<PidFd> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn reap(&self, _child: &mut Child) -> io::Result<Option<ExitStatus>> {
        match *self {}
    }

    #[cfg_attr(windows, allow(dead_code))]
    pub(crate) fn send_signal(&self, _signal: i32) -> Option<io::Result<()>> {
        match *self {}
    }

    #[cfg_attr(windows, allow(dead_code))]
    pub(crate) fn send_signal_to_group(&self, _signal: i32) -> Option<Sent> {
        match *self {}
    }
}

/// Whether a group had anybody to be signalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)]
pub(crate) enum Sent {
    ToSome,
    ToNobody,
}
