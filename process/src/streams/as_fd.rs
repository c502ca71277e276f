//! The standard streams as descriptors.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use super::{BufferedStdin, Stderr, Stdin, Stdout};

macro_rules! numbered {
    ($Stream:ident, $stream:ident) => {
        impl AsFd for $Stream {
            /// Borrows the standard stream's own descriptor, which is shared with others and in blocking mode;
            /// not the one that is waited for.
            fn as_fd(&self) -> BorrowedFd<'_> {
                rustix::stdio::$stream()
            }
        }

        impl AsRawFd for $Stream {
            fn as_raw_fd(&self) -> RawFd {
                self.as_fd().as_raw_fd()
            }
        }
    };
}

numbered!(Stdin, stdin);
numbered!(BufferedStdin, stdin);
numbered!(Stdout, stdout);
numbered!(Stderr, stderr);
