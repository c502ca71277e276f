//! Readiness of any file descriptor.

mod descriptor;
mod errors;
mod guard;
mod waiting;

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use self::descriptor::Descriptor;
pub use self::errors::AsyncFdTryNewError;
pub use self::guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard, TryIoError};
use super::{Interest, Registered};

/// Readiness of any file descriptor: sockets, pipes, terminals, timers, watches, devices.
///
/// Registers the descriptor of a `T` with the current loop, and tells when it can be read or
/// written. What the calls are is up to you; they should not block, so put the descriptor in
/// non-blocking mode first.
///
/// Readiness is a guess that only a call can confirm, and it has to be cleared when a call would
/// have blocked, for the system reports changes only. The guards do that: wait for one, and make
/// the call by its [`try_io`](AsyncFdReadyGuard::try_io). [`async_io`](AsyncFd::async_io) does all
/// of it.
///
/// Any number of tasks may wait at once, for the same thing or for different ones, and all of them
/// are called; with the `poll_` functions it is one for each direction. Besides reading and writing
/// one can wait for out-of-band data ([`Interest::PRIORITY`]: also what sysfs, GPIO lines and
/// pressure files report) and for errors alone ([`Interest::ERROR`]).
///
/// The descriptor has to stay the same as long as it is registered, whatever is done to the `T`.
/// Dropping this object ends the registration and then drops the `T`.
///
/// # Edges and levels
///
/// The loop hears of changes: who is told that there is something to read has to read until a call
/// would block. A library that reads what it likes and leaves the rest cannot promise that. For such
/// there is the [level-triggered mode](AsyncFd::level_triggered), in which every wait looks at the
/// descriptor anew.
///
/// # Examples
///
/// Waiting for a line from another process, or here from another thread:
///
/// ```
/// use std::io::{self, Read, Write};
/// use std::os::unix::net::UnixStream;
///
/// use runtime::reactor::AsyncFd;
///
/// # fn main() -> io::Result<()> {
/// runtime::run(async {
///     let (mut ours, mut theirs) = UnixStream::pair()?;
///     ours.set_nonblocking(true)?;
///     let ours = AsyncFd::new(ours)?;
///     let writer = std::thread::spawn(move || theirs.write_all(b"hello\n"));
///
///     let mut buffer = [0; 64];
///     let length = loop {
///         let mut guard = ours.readable().await?;
///         match guard.try_io(|ours| ours.get_ref().read(&mut buffer)) {
///             Ok(outcome) => break outcome?,
///             Err(_would_block) => continue,
///         }
///     };
///     assert_eq!(&buffer[..length], b"hello\n");
///     writer.join().expect("the writer does not panic")?;
///     Ok(())
/// })
/// # }
/// ```
pub struct AsyncFd<T: AsFd> {
    registered: Registered<Descriptor<T>>,
    level_triggered: bool,
}

impl<T: AsFd> AsyncFd<T> {
    /// Registers a descriptor with the current loop, for reading and writing.
    ///
    /// # Errors
    ///
    /// Outside of a loop ("there is no reactor running");
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied) for what the system cannot watch, such
    /// as regular files; [`AlreadyExists`](io::ErrorKind::AlreadyExists) when the descriptor is
    /// registered already; when the system runs out of memory or watches.
    pub fn new(inner: T) -> io::Result<AsyncFd<T>> {
        AsyncFd::with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// Registers a descriptor with the current loop, for `interest` only.
    ///
    /// Waiting for anything else than `interest`, errors and hang-ups later may take for ever.
    ///
    /// # Errors
    ///
    /// As for [`new`](AsyncFd::new).
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<AsyncFd<T>> {
        AsyncFd::try_with_interest(inner, interest).map_err(io::Error::from)
    }

    /// Registers a descriptor as [`new`](AsyncFd::new) does, and gives the object back if that fails.
    ///
    /// # Errors
    ///
    /// As for [`new`](AsyncFd::new), with the object, which is still open.
    ///
    /// # Examples
    ///
    /// Input that may be a terminal, a pipe or a file:
    ///
    /// ```
    /// use std::fs::File;
    /// use std::io::{self, Read};
    /// use runtime::reactor::AsyncFd;
    ///
    /// async fn first_byte(input: File) -> io::Result<u8> {
    ///     let mut byte = [0];
    ///     match AsyncFd::try_new(input) {
    ///         Ok(input) => loop {
    ///             let mut guard = input.readable().await?;
    ///             if let Ok(read) = guard.try_io(|input| input.get_ref().read_exact(&mut byte)) {
    ///                 break read?;
    ///             }
    ///         },
    ///         Err(error) => {
    ///             let (mut file, cause) = error.into_parts();
    ///             if cause.kind() != io::ErrorKind::PermissionDenied {
    ///                 return Err(cause);
    ///             }
    ///             // A file on a disk, which is always ready: let another thread wait for the disk.
    ///             let read = move || file.read_exact(&mut byte).map(|()| byte);
    ///             byte = runtime::spawn_blocking(read).await.map_err(io::Error::other)??;
    ///         }
    ///     }
    ///     Ok(byte[0])
    /// }
    ///
    /// # fn main() -> io::Result<()> {
    /// let program = std::env::current_exe()?;
    /// assert_eq!(runtime::run(first_byte(File::open(program)?))?, 0x7f); // an ELF file
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_new(inner: T) -> Result<AsyncFd<T>, AsyncFdTryNewError<T>> {
        AsyncFd::try_with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// Registers a descriptor for `interest` only, and gives the object back if that fails.
    ///
    /// # Errors
    ///
    /// As for [`new`](AsyncFd::new), with the object, which is still open.
    pub fn try_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<AsyncFd<T>, AsyncFdTryNewError<T>> {
        match Registered::register(Descriptor(inner), interest, false) {
            Ok(registered) => Ok(AsyncFd { registered, level_triggered: false }),
            Err((Descriptor(inner), cause)) => Err(AsyncFdTryNewError { inner, cause }),
        }
    }

    /// Sets whether every wait looks at the descriptor anew; the default is `false`.
    ///
    /// In the level-triggered mode a wait ends as long as there is something to read, or room to write,
    /// however little of it the last call used up, and whatever has been cleared meanwhile. It is the
    /// mode for what is read in part only, or by calls that do not say when they would block, in a
    /// foreign library for instance. A task that waits and then does nothing about what it hears of is
    /// called again and again.
    ///
    /// The price is a poll(2) for each wait, and another one for each wait that does not end at once.
    ///
    /// # Examples
    ///
    /// A message at a time, with other things in between:
    ///
    /// ```
    /// use std::io::{self, Read, Write};
    /// use std::os::unix::net::UnixStream;
    /// use runtime::reactor::AsyncFd;
    ///
    /// # fn main() -> io::Result<()> {
    /// runtime::run(async {
    ///     let (ours, mut theirs) = UnixStream::pair()?;
    ///     let ours = AsyncFd::new(ours)?.level_triggered(true);
    ///     theirs.write_all(b"one two ")?;
    ///     let mut message = [0; 4];
    ///     for expected in [b"one ", b"two "] {
    ///         // Cleared by mistake, which does no harm here.
    ///         ours.readable().await?.clear_ready();
    ///         ours.get_ref().read_exact(&mut message)?;
    ///         assert_eq!(&message, expected);
    ///     }
    ///     Ok(())
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn level_triggered(mut self, yes: bool) -> AsyncFd<T> {
        self.level_triggered = yes;
        self
    }

    /// Tells whether every wait looks at the descriptor anew.
    #[must_use]
    pub fn is_level_triggered(&self) -> bool {
        self.level_triggered
    }

    /// Borrows the object.
    pub fn get_ref(&self) -> &T {
        &self.registered.get_ref().0
    }

    /// Borrows the object exclusively; its descriptor has to stay the same.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.registered.source_mut().0
    }

    /// Ends the registration and gives the object back.
    pub fn into_inner(self) -> T {
        // A registration that cannot be ended is harmless: its events are recognised and ignored.
        let (descriptor, _) = self.registered.take_apart();
        descriptor.0
    }
}

impl<T: AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl TryFrom<OwnedFd> for AsyncFd<OwnedFd> {
    type Error = io::Error;

    /// As [`AsyncFd::new`].
    fn try_from(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
        AsyncFd::new(fd)
    }
}

impl<T: AsFd + Into<OwnedFd>> From<AsyncFd<T>> for OwnedFd {
    /// As [`AsyncFd::into_inner`]; the descriptor stays in the mode it is in.
    fn from(fd: AsyncFd<T>) -> OwnedFd {
        fd.into_inner().into()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd")
            .field("inner", self.get_ref())
            .field("level_triggered", &self.level_triggered)
            .finish()
    }
}
