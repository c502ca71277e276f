//! The two calls of each message, straight to the kernel.
//!
//! In a process of several threads the C library makes each of these calls a point at which `pthread_cancel` may end the
//! thread, and pays for that with some 40 instructions a call. No Rust thread is ended that way.

#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{null, null_mut};

/// recvfrom(2); negative after an error.
#[inline(always)]
pub(super) fn recv(fd: BorrowedFd<'_>, buf: &mut [u8]) -> isize {
    let fd = libc::c_long::from(fd.as_raw_fd());
    let flags: libc::c_long = 0;
    let (addr, addr_len) = (null_mut::<libc::sockaddr>(), null_mut::<libc::socklen_t>());
    // SAFETY: recvfrom(2) writes at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed exclusively. No
    // address is asked for. The descriptor stays open while it is borrowed.
    let count = unsafe {
        libc::syscall(libc::SYS_recvfrom, fd, buf.as_mut_ptr(), buf.len(), flags, addr, addr_len)
    };
    count as isize
}

/// sendto(2) without `SIGPIPE`; negative after an error.
#[inline(always)]
pub(super) fn send(fd: BorrowedFd<'_>, buf: &[u8]) -> isize {
    let fd = libc::c_long::from(fd.as_raw_fd());
    let flags = libc::c_long::from(libc::MSG_NOSIGNAL);
    let (addr, addr_len) = (null::<libc::sockaddr>(), 0 as libc::c_long);
    // SAFETY: sendto(2) reads at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed. There is no
    // address. The descriptor stays open while it is borrowed.
    let count = unsafe {
        libc::syscall(libc::SYS_sendto, fd, buf.as_ptr(), buf.len(), flags, addr, addr_len)
    };
    count as isize
}
