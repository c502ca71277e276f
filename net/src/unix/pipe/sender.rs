//! The end of a pipe that writes.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use runtime_core::reactor::{Interest, Ready, Registered};

use super::end::{End, Side};
use crate::stream::{writing_methods, writing_traits};

/// The end of a pipe that writes, made by [`pipe`](super::pipe()) or [`OpenOptions::open_sender`](super::OpenOptions::open_sender).
///
/// It writes through [`futures_io::AsyncWrite`], which `&Sender` implements too. Writes are not buffered; flushing and
/// closing do nothing. **The reader finds the end when the sender is dropped**, and not before.
/// With the trait, and with the `poll_` methods, one task at a time waits (the last one to poll is woken); any number of tasks may
/// wait with the `async` methods.
///
/// A write of up to `PIPE_BUF` bytes (4096 on Linux) goes as a whole or not at all. When nobody is left to read,
/// writing fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe), provided that the process ignores `SIGPIPE`, as Rust programs do unless told otherwise.
#[derive(Debug)]
pub struct Sender {
    io: Registered<End>,
}

writing_methods!(Sender);
writing_traits!(Sender, &Sender => nothing);

/// What closing does: there is no way to close a pipe that somebody may be using.
fn nothing(_: &Registered<End>) -> io::Result<()> {
    Ok(())
}

impl Sender {
    /// Takes over a pipe that has been opened as a file, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// As [`from_owned_fd`](Sender::from_owned_fd).
    pub fn from_file(file: File) -> io::Result<Sender> {
        Sender::from_owned_fd(file.into())
    }

    /// Takes over the descriptor of a pipe, such as the standard input of a child process, and makes it nonblocking.
    ///
    /// That holds for all who share the pipe's open file description, as other processes can.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is not a pipe, or not open for writing. Fails also outside a loop.
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Sender> {
        Sender::register(End::adopt(fd, Side::Writing)?)
    }

    pub(super) fn register(end: End) -> io::Result<Sender> {
        Ok(Sender { io: Registered::closing(end, Interest::WRITABLE)? })
    }

    /// Gives the descriptor back, and makes it block.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the pipe, which is then closed.
    pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        let fd = self.into_nonblocking_fd()?;
        rustix::io::ioctl_fionbio(&fd, false)?;
        Ok(fd)
    }

    /// Gives the descriptor back, nonblocking as it is.
    ///
    /// # Errors
    ///
    /// Fails when the loop cannot let go of the pipe, which is then closed.
    pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
        self.io.into_inner().map(End::into_fd)
    }

    /// Waits until the pipe is ready in one of the ways asked for, and tells which.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until an operation finds that there is none.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.io.ready(interest).await
    }
}

impl AsFd for Sender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.get_ref().as_fd()
    }
}

impl AsRawFd for Sender {
    fn as_raw_fd(&self) -> RawFd {
        self.io.get_ref().as_raw_fd()
    }
}

impl TryFrom<OwnedFd> for Sender {
    type Error = io::Error;

    /// As [`Sender::from_owned_fd`].
    fn try_from(fd: OwnedFd) -> io::Result<Sender> {
        Sender::from_owned_fd(fd)
    }
}

impl TryFrom<Sender> for OwnedFd {
    type Error = io::Error;

    /// As [`Sender::into_nonblocking_fd`].
    fn try_from(end: Sender) -> io::Result<OwnedFd> {
        end.into_nonblocking_fd()
    }
}
