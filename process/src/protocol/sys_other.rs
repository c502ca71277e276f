//! What the system says of a child's input and of its end.

use std::io;
use std::process::ExitStatus;
use std::task::{Context, Poll};

use crate::ChildStdin;

/// Takes the end of the child for the end of its input.
pub(super) struct Hangup(());

impl Hangup {
    pub(super) fn new(_: &ChildStdin) -> io::Result<Hangup> {
        Ok(Hangup(()))
    }

    pub(super) fn poll(&mut self, _: &mut Context<'_>, exited: bool) -> Poll<()> {
        if exited { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// The code.
pub(super) fn returncode(status: ExitStatus) -> Option<i32> {
    status.code()
}
