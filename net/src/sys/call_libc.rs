//! The two calls of each message, by way of libc.

#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};

/// recv(2); negative after an error.
#[inline(always)]
pub(super) fn recv(fd: BorrowedFd<'_>, buf: &mut [u8]) -> isize {
    // SAFETY: recv(2) writes at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed exclusively.
    // The descriptor stays open while it is borrowed.
    unsafe { libc::recv(fd.as_raw_fd(), buf.as_mut_ptr().cast(), buf.len(), 0) }
}

/// send(2) without `SIGPIPE`; negative after an error.
#[inline(always)]
pub(super) fn send(fd: BorrowedFd<'_>, buf: &[u8]) -> isize {
    // SAFETY: send(2) reads at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed. The descriptor
    // stays open while it is borrowed.
    unsafe { libc::send(fd.as_raw_fd(), buf.as_ptr().cast(), buf.len(), libc::MSG_NOSIGNAL) }
}
