//! The end of a pipe as a source of events and of bytes.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::io::{ioctl_fionbio, read, readv, write, writev};

use crate::stream::{Got, Readable, Writable};
use crate::unix::socket::Watched;

/// Which of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Reading,
    Writing,
}

/// The end of a pipe, nonblocking.
#[derive(Debug)]
pub(super) struct End {
    fd: OwnedFd,
    /// Whether reads may stop at the boundaries of writes (pipe(2), `O_DIRECT`).
    ///
    /// A descriptor for reading does not tell, so that it has to be assumed of pipes made elsewhere.
    packets: bool,
}

impl End {
    /// The end of a pipe that has just been made, nonblocking and for bytes.
    pub(super) fn of_our_own(fd: OwnedFd) -> End {
        End { fd, packets: false }
    }

    /// Takes a descriptor over, if it is one of a pipe and of this side.
    pub(super) fn adopt(fd: OwnedFd, side: Side) -> io::Result<End> {
        let wrong = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        let metadata = fstat(&fd)?;
        if FileType::from_raw_mode(metadata.st_mode) != FileType::Fifo {
            return wrong("the descriptor is not that of a pipe");
        }
        let mode = fcntl_getfl(&fd)? & OFlags::RWMODE;
        if side == Side::Reading && mode == OFlags::WRONLY {
            return wrong("the descriptor of the pipe is not open for reading");
        }
        if side == Side::Writing && mode == OFlags::RDONLY {
            return wrong("the descriptor of the pipe is not open for writing");
        }
        ioctl_fionbio(&fd, true)?;
        Ok(End { fd, packets: true })
    }

    pub(super) fn into_fd(self) -> OwnedFd {
        self.fd
    }

    fn got(&self, count: usize) -> io::Result<Got> {
        if count == 0 && !self.has_had_a_writer() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(Got { count, cut: self.packets })
    }

    /// Whether the end that has been read is one.
    ///
    /// A read from a named pipe that nobody has opened for writing yet looks the same as one after the last
    /// writer has gone. poll(2) reports a hang-up in the second case only.
    #[cold]
    fn has_had_a_writer(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        // A failure ends the stream; not knowing must not make a reader wait for ever.
        !matches!(poll(&mut fds, Some(&now)), Ok(0))
    }
}

impl Readable for Watched<End> {
    #[inline]
    fn read(&self, buf: &mut [u8]) -> io::Result<Got> {
        self.0.got(read(&self.0.fd, buf)?)
    }

    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got> {
        self.0.got(readv(&self.0.fd, bufs)?)
    }
}

impl Writable for Watched<End> {
    #[inline]
    fn write(&self, buf: &[u8]) -> io::Result<usize> {
        Ok(write(&self.0.fd, buf)?)
    }

    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(writev(&self.0.fd, bufs)?)
    }
}

impl AsFd for End {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for End {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

/// What the two types of ends have in common: readiness, descriptors, and going away.
macro_rules! end_methods {
    ($End:ident) => {
        crate::stream::ready_methods!($End, |_, operation| operation());

        /// What remains when the loop is done with the pipe.
        impl $End {
            /// Gives the descriptor back, and makes it block.
            ///
            /// # Errors
            ///
            /// Fails when the loop cannot let go of the pipe, which is then closed.
            pub fn into_blocking_fd(self) -> std::io::Result<std::os::fd::OwnedFd> {
                let fd = self.into_nonblocking_fd()?;
                rustix::io::ioctl_fionbio(&fd, false)?;
                Ok(fd)
            }

            /// Gives the descriptor back, nonblocking as it is.
            ///
            /// # Errors
            ///
            /// Fails when the loop cannot let go of the pipe, which is then closed.
            pub fn into_nonblocking_fd(self) -> std::io::Result<std::os::fd::OwnedFd> {
                self.io.into_inner().map(|watched| watched.0.into_fd())
            }
        }

        impl std::os::fd::AsFd for $End {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.io.get_ref().as_fd()
            }
        }

        impl std::os::fd::AsRawFd for $End {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.io.get_ref().as_raw_fd()
            }
        }

        impl TryFrom<std::os::fd::OwnedFd> for $End {
            type Error = std::io::Error;

            /// As `from_owned_fd`.
            fn try_from(fd: std::os::fd::OwnedFd) -> std::io::Result<$End> {
                $End::from_owned_fd(fd)
            }
        }

        impl TryFrom<$End> for std::os::fd::OwnedFd {
            type Error = std::io::Error;

            /// As `into_nonblocking_fd`.
            fn try_from(end: $End) -> std::io::Result<std::os::fd::OwnedFd> {
                end.into_nonblocking_fd()
            }
        }
    };
}

pub(super) use end_methods;
