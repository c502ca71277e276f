//! The calls on a stream, straight to libc.
//!
//! * The standard library's `write_vectored` is writev(2), which cannot say `MSG_NOSIGNAL`: in a program that has not set
//!   `SIGPIPE` to be ignored (one with a main function in C, say) it would kill the process.
//! * Reading and writing are what a server does for each message. By way of mio and the standard library, or of
//!   rustix, each costs some 20 instructions more, which is a tenth of all that a message costs in user space.

#![allow(unsafe_code)]

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd};

use rustix::net::{SendAncillaryBuffer, SendFlags};

#[inline]
pub(crate) fn read(stream: &impl AsFd, buf: &mut [u8]) -> io::Result<usize> {
    let fd = stream.as_fd().as_raw_fd();
    // SAFETY: recv(2) writes at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed exclusively.
    // The stream keeps the descriptor open.
    let count = unsafe { libc::recv(fd, buf.as_mut_ptr().cast(), buf.len(), 0) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

#[inline]
pub(crate) fn write(stream: &impl AsFd, buf: &[u8]) -> io::Result<usize> {
    let fd = stream.as_fd().as_raw_fd();
    // SAFETY: send(2) reads at most `len` bytes from the pointer on; `buf` is exactly that memory, borrowed. The stream
    // keeps the descriptor open.
    let count = unsafe { libc::send(fd, buf.as_ptr().cast(), buf.len(), libc::MSG_NOSIGNAL) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

pub(crate) fn read_vectored(stream: &impl AsFd, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
    Ok(rustix::io::readv(stream, bufs)?)
}

pub(crate) fn write_vectored(stream: &impl AsFd, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    let nothing = &mut SendAncillaryBuffer::default();
    Ok(rustix::net::sendmsg(stream, bufs, nothing, SendFlags::NOSIGNAL)?)
}
