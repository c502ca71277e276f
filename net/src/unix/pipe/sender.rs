//! The end of a pipe that writes.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use runtime_core::reactor::{Interest, Registered};

use super::end::{End, Side, end_methods};
use crate::stream::{writing_methods, writing_traits};
use crate::unix::socket::Watched;

/// The end of a pipe that writes, made by [`pipe`](super::pipe()) or
/// [`OpenOptions::open_sender`](super::OpenOptions::open_sender).
///
/// It writes through [`futures_io::AsyncWrite`], which `&Sender` implements too. Writes are not buffered;
/// flushing and closing do nothing. **The reader finds the end when the sender is dropped**, and not before.
/// With the trait, and with the `poll_` methods, one task at a time waits (the last one to poll is woken);
/// any number of tasks may wait with the `async` methods.
///
/// A write of up to `PIPE_BUF` bytes (4096 on Linux) goes as a whole or not at all. When nobody is left to
/// read, writing fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe), provided that the process ignores
/// `SIGPIPE`, as Rust programs do unless told otherwise.
#[derive(Debug)]
pub struct Sender {
    io: Registered<Watched<End>>,
}

writing_methods!(Sender);
writing_traits!(Sender, &Sender => nothing);
end_methods!(Sender);

/// What closing does: there is no way to close a pipe that somebody may be using.
fn nothing(_: &Registered<Watched<End>>) -> io::Result<()> {
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

    /// Takes over the descriptor of a pipe, such as the standard input of a child process, and makes it
    /// nonblocking.
    ///
    /// That holds for all who share the pipe's open file description, as other processes can.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is not a pipe, or not open for writing. Fails
    /// also outside a loop.
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Sender> {
        Sender::register(End::adopt(fd, Side::Writing)?)
    }

    pub(super) fn register(end: End) -> io::Result<Sender> {
        Ok(Sender { io: Registered::closing(Watched(end), Interest::WRITABLE)? })
    }
}
