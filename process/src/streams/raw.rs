//! The blocking read of the standard input.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, read, retry_on_intr};

/// Reads once, and waits as long as it takes.
pub(super) fn read_stdin(buf: &mut [u8]) -> io::Result<usize> {
    let stdin = io::stdin();
    let fd = stdin.as_fd();
    loop {
        match retry_on_intr(|| read(fd, &mut *buf)) {
            // Somebody else has made the shared description nonblocking.
            Err(Errno::AGAIN) => {
                retry_on_intr(|| poll(&mut [PollFd::new(&fd, PollFlags::IN)], None))?;
            }
            outcome => return Ok(outcome?),
        }
    }
}
