//! The calls of each message, by way of libc.

#![allow(unsafe_code)]

use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd};

/// recv(2); negative after an error.
#[inline(always)]
pub(super) fn recv(fd: BorrowedFd<'_>, buf: &mut [u8]) -> isize {
    // SAFETY: recv(2) writes at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed
    // exclusively. The descriptor stays open while it is borrowed.
    unsafe { libc::recv(fd.as_raw_fd(), buf.as_mut_ptr().cast(), buf.len(), 0) }
}

/// recvmsg(2) without room for control messages; the flags of the message come with the count, which is
/// negative after an error.
#[inline(always)]
pub(super) fn recv_flagged(fd: BorrowedFd<'_>, buf: &mut [u8]) -> (isize, libc::c_int) {
    let mut place = libc::iovec { iov_base: buf.as_mut_ptr().cast(), iov_len: buf.len() };
    // SAFETY: all zeros are a `msghdr`: no address, no places, no room for control messages.
    let mut message: libc::msghdr = unsafe { mem::zeroed() };
    message.msg_iov = &mut place;
    message.msg_iovlen = 1;
    // SAFETY: recvmsg(2) writes to the message, which lives on this frame, and at most `iov_len` bytes from
    // `iov_base` on; that is exactly the memory of `buf`, borrowed exclusively. The descriptor stays open
    // while it is borrowed.
    let count = unsafe { libc::recvmsg(fd.as_raw_fd(), &mut message, 0) };
    (count, message.msg_flags)
}

/// send(2) without `SIGPIPE`; negative after an error.
#[inline(always)]
pub(super) fn send(fd: BorrowedFd<'_>, buf: &[u8]) -> isize {
    // SAFETY: send(2) reads at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed.
    // The descriptor stays open while it is borrowed.
    unsafe { libc::send(fd.as_raw_fd(), buf.as_ptr().cast(), buf.len(), libc::MSG_NOSIGNAL) }
}
