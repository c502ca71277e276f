//! The calls on a stream, straight to libc or to the kernel.
//!
//! * The standard library's `write_vectored` is writev(2), which cannot say `MSG_NOSIGNAL`: in a program that
//!   has not set `SIGPIPE` to be ignored (one with a main function in C, say) it would kill the process.
//! * Reading and writing are what a server does for each message. By way of mio and the standard library, or
//!   of rustix, each costs some 20 instructions more, which is a tenth of all that a message costs in user
//!   space.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::AsFd;

use rustix::net::{SendAncillaryBuffer, SendFlags};

use super::call;

#[inline(always)]
pub(crate) fn read(stream: &impl AsFd, buf: &mut [u8]) -> io::Result<usize> {
    usize::try_from(call::recv(stream.as_fd(), buf)).map_err(|_| io::Error::last_os_error())
}

/// As [`read`]; what comes with the count is whether descriptors came, for which there was no room
/// (`MSG_CTRUNC`).
#[inline(always)]
pub(crate) fn read_noting_rights(stream: &impl AsFd, buf: &mut [u8]) -> io::Result<(usize, bool)> {
    let (count, flags) = call::recv_flagged(stream.as_fd(), buf);
    let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
    Ok((count, flags & libc::MSG_CTRUNC != 0))
}

#[inline(always)]
pub(crate) fn write(stream: &impl AsFd, buf: &[u8]) -> io::Result<usize> {
    usize::try_from(call::send(stream.as_fd(), buf)).map_err(|_| io::Error::last_os_error())
}

pub(crate) fn read_vectored(stream: &impl AsFd, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
    Ok(rustix::io::readv(stream, bufs)?)
}

pub(crate) fn write_vectored(stream: &impl AsFd, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    let nothing = &mut SendAncillaryBuffer::default();
    Ok(rustix::net::sendmsg(stream, bufs, nothing, SendFlags::NOSIGNAL)?)
}
