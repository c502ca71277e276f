//! The pipes as descriptors.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::process;

use super::{ChildStderr, ChildStdin, ChildStdout};

macro_rules! owned {
    ($Pipe:ident) => {
        impl $Pipe {
            /// Gives the descriptor back, in blocking mode.
            ///
            /// # Errors
            ///
            /// Fails when the loop cannot let go of the pipe, which is then closed, or when it had been
            /// closed before.
            pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
                self.pipe.into_blocking()
            }

            /// Gives the pipe to the standard library, in blocking mode.
            ///
            /// # Errors
            ///
            /// As [`into_owned_fd`](Self::into_owned_fd).
            pub fn into_std(self) -> io::Result<process::$Pipe> {
                self.into_owned_fd().map(process::$Pipe::from)
            }
        }

        impl TryFrom<$Pipe> for OwnedFd {
            type Error = io::Error;

            /// As `into_owned_fd`.
            fn try_from(pipe: $Pipe) -> io::Result<OwnedFd> {
                pipe.into_owned_fd()
            }
        }

        impl AsRawFd for $Pipe {
            fn as_raw_fd(&self) -> RawFd {
                self.as_fd().as_raw_fd()
            }
        }
    };
}

owned!(ChildStdin);
owned!(ChildStdout);
owned!(ChildStderr);

impl AsFd for ChildStdin {
    /// Borrows the descriptor.
    ///
    /// # Panics
    ///
    /// When the pipe has been closed by `AsyncWriteExt::close`.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.fd().expect("the pipe was closed, and has no descriptor any more")
    }
}

impl AsFd for ChildStdout {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

impl AsFd for ChildStderr {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}
