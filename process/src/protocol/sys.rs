//! What the system says of a child's input and of its end.

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::pin::Pin;
use std::process::ExitStatus;
use std::task::{Context, Poll};

use runtime_core::reactor::{AsyncFd, Interest};

use crate::ChildStdin;

/// Tells when nobody is left to read a pipe, also while nothing is written to it.
pub(super) struct Hangup {
    /// Watches a duplicate, which has to go before the pipe counts as closed.
    wait: Pin<Box<dyn Future<Output = ()>>>,
}

impl Hangup {
    pub(super) fn new(stdin: &ChildStdin) -> io::Result<Hangup> {
        let fd = stdin.as_fd().try_clone_to_owned()?;
        // poll(2) reports an error for the end that writes when there is no other end.
        let fd = AsyncFd::with_interest(fd, Interest::ERROR)?;
        Ok(Hangup { wait: Box::pin(hung_up(fd)) })
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>, _exited: bool) -> Poll<()> {
        self.wait.as_mut().poll(cx)
    }
}

async fn hung_up(fd: AsyncFd<OwnedFd>) {
    if let Err(_closed) = fd.ready(Interest::ERROR).await {
        // The task is about to be dropped.
        std::future::pending::<()>().await;
    }
}

/// The code, or the signal that ended it as a negative number.
pub(super) fn returncode(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| status.signal().map(|signal| -signal))
}
