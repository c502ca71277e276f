//! The end of a pipe that reads.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use runtime_core::reactor::{Interest, Registered};

use super::end::{End, Side, end_methods};
use crate::stream::{reading_methods, reading_traits};
use crate::unix::socket::Watched;

/// The end of a pipe that reads, made by [`pipe`](super::pipe()) or
/// [`OpenOptions::open_receiver`](super::OpenOptions::open_receiver).
///
/// It reads through [`futures_io::AsyncRead`], which `&Receiver` implements too. The end comes when the last
/// writer has gone; a named pipe that nobody has opened for writing yet has no end, so that a read waits for
/// the first writer. With the trait, and with the `poll_` methods, one task at a time waits (the last one to
/// poll is woken); any number of tasks may wait with the `async` methods.
#[derive(Debug)]
pub struct Receiver {
    io: Registered<Watched<End>>,
}

reading_methods!(Receiver);
reading_traits!(Receiver, &Receiver);
end_methods!(Receiver);

impl Receiver {
    /// Takes over a pipe that has been opened as a file, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// As [`from_owned_fd`](Receiver::from_owned_fd).
    pub fn from_file(file: File) -> io::Result<Receiver> {
        Receiver::from_owned_fd(file.into())
    }

    /// Takes over the descriptor of a pipe, such as the standard output of a child process, and makes it
    /// nonblocking.
    ///
    /// That holds for all who share the pipe's open file description, as other processes can.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it is not a pipe, or not open for reading. Fails
    /// also outside a loop.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::fd::OwnedFd;
    /// use std::process::{Command, Stdio};
    /// use futures::AsyncReadExt;
    /// use runtime::net::unix::pipe::Receiver;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
    ///     let stdout = child.stdout.take().ok_or(std::io::ErrorKind::NotFound)?;
    ///     let mut receiver = Receiver::from_owned_fd(OwnedFd::from(stdout))?;
    ///     let mut text = String::new();
    ///     receiver.read_to_string(&mut text).await?;
    ///     assert_eq!(text, "hello\n");
    ///     child.wait().map(drop)
    /// })
    /// # }
    /// ```
    pub fn from_owned_fd(fd: OwnedFd) -> io::Result<Receiver> {
        Receiver::register(End::adopt(fd, Side::Reading)?)
    }

    pub(super) fn register(end: End) -> io::Result<Receiver> {
        Ok(Receiver { io: Registered::closing(Watched(end), Interest::READABLE)? })
    }
}
