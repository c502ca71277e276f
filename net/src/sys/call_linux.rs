//! The calls of each message, straight to the kernel.
//!
//! In a process of several threads the C library makes each of these calls a point at which `pthread_cancel`
//! may end the thread, and pays for that with some 40 instructions a call. No Rust thread is ended that way.

#![allow(unsafe_code)]

use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{null, null_mut};

/// recvfrom(2); negative after an error.
#[inline(always)]
pub(super) fn recv(fd: BorrowedFd<'_>, buf: &mut [u8]) -> isize {
    let fd = libc::c_long::from(fd.as_raw_fd());
    let flags: libc::c_long = 0;
    let (addr, addr_len) = (null_mut::<libc::sockaddr>(), null_mut::<libc::socklen_t>());
    // SAFETY: recvfrom(2) writes at most `len` bytes from the pointer on; `buf` is exactly that memory,
    // borrowed exclusively. No address is asked for. The descriptor stays open while it is borrowed.
    let count = unsafe {
        libc::syscall(libc::SYS_recvfrom, fd, buf.as_mut_ptr(), buf.len(), flags, addr, addr_len)
    };
    count as isize
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
    let fd = libc::c_long::from(fd.as_raw_fd());
    let flags: libc::c_long = 0;
    // SAFETY: recvmsg(2) writes to the message, which lives on this frame, and at most `iov_len` bytes from
    // `iov_base` on; that is exactly the memory of `buf`, borrowed exclusively. The descriptor stays open
    // while it is borrowed.
    let count = unsafe { libc::syscall(libc::SYS_recvmsg, fd, &raw mut message, flags) };
    (count as isize, message.msg_flags)
}

/// sendto(2) without `SIGPIPE`; negative after an error.
#[inline(always)]
pub(super) fn send(fd: BorrowedFd<'_>, buf: &[u8]) -> isize {
    let fd = libc::c_long::from(fd.as_raw_fd());
    let flags = libc::c_long::from(libc::MSG_NOSIGNAL);
    let (addr, addr_len) = (null::<libc::sockaddr>(), 0 as libc::c_long);
    // SAFETY: sendto(2) reads at most `len` bytes from the pointer on; `buf` is exactly that memory,
    // borrowed. There is no address. The descriptor stays open while it is borrowed.
    let count = unsafe {
        libc::syscall(libc::SYS_sendto, fd, buf.as_ptr(), buf.len(), flags, addr, addr_len)
    };
    count as isize
}
