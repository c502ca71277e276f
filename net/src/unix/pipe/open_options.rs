//! Opening a pipe by its name.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{Receiver, Sender};

/// How to open a named pipe, which mkfifo(3) makes.
///
/// # Examples
///
/// A program that takes orders from a named pipe, now by one writer and now by another:
///
/// ```no_run
/// use futures::{AsyncBufReadExt, TryStreamExt, io::BufReader};
/// use runtime::net::unix::pipe;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let orders = pipe::OpenOptions::new().read_write(true).open_receiver("/run/orders")?;
///     let mut lines = BufReader::new(orders).lines();
///     while let Some(line) = lines.try_next().await? {
///         println!("{line}");
///     }
///     Ok(())
/// })
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    read_write: bool,
}

impl OpenOptions {
    /// Opens the wanted end and nothing else, unless told otherwise.
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    /// Opens the pipe for both reading and writing, whichever end is wanted.
    ///
    /// A receiver that is a writer itself finds no end when the last other writer has gone, and a sender need
    /// not wait for a reader. Linux allows it (fifo(7)); POSIX leaves it open what happens.
    pub fn read_write(&mut self, both: bool) -> &mut OpenOptions {
        self.read_write = both;
        self
    }

    /// Opens the reading end. It does not wait for a writer; reading does.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the file is not a pipe, else those of open(2). The
    /// message names the path. It is also an error to call this outside a loop.
    pub fn open_receiver(&self, path: impl AsRef<Path>) -> io::Result<Receiver> {
        let path = path.as_ref();
        let file = open(path, true, self.read_write);
        file.and_then(Receiver::from_file).map_err(|cause| name_it(path, cause))
    }

    /// Opens the writing end.
    ///
    /// # Errors
    ///
    /// `ENXIO` when nobody has the pipe open for reading: try again later, or open it with
    /// [`read_write`](OpenOptions::read_write). The kind of that error has no name in the standard library;
    /// its [`raw_os_error`](io::Error::raw_os_error) is kept. The others are those of
    /// [`open_receiver`](OpenOptions::open_receiver).
    pub fn open_sender(&self, path: impl AsRef<Path>) -> io::Result<Sender> {
        let path = path.as_ref();
        let file = match open(path, self.read_write, true) {
            Err(error) if error.raw_os_error() == Some(libc::ENXIO) => return Err(error),
            file => file,
        };
        file.and_then(Sender::from_file).map_err(|cause| name_it(path, cause))
    }
}

fn open(path: &Path, read: bool, write: bool) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.read(read).write(write).custom_flags(libc::O_NONBLOCK).open(path)
}

fn name_it(path: &Path, cause: io::Error) -> io::Error {
    io::Error::new(cause.kind(), format!("cannot open the pipe {path:?}: {cause}"))
}
