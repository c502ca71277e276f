//! The calls on a stream, straight to the system.
//!
//! The standard library's `write_vectored` is writev(2), which cannot say `MSG_NOSIGNAL`: in a program that has not set
//! `SIGPIPE` to be ignored (one with a main function in C, say) it would kill the process.

use std::io::{self, IoSlice, IoSliceMut};

use mio::net::TcpStream;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags};

#[inline]
pub(crate) fn read(stream: &TcpStream, buf: &mut [u8]) -> io::Result<usize> {
    let (count, _) = rustix::net::recv(stream, buf, RecvFlags::empty())?;
    Ok(count)
}

#[inline]
pub(crate) fn read_vectored(stream: &TcpStream, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
    Ok(rustix::io::readv(stream, bufs)?)
}

#[inline]
pub(crate) fn write(stream: &TcpStream, buf: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(stream, buf, SendFlags::NOSIGNAL)?)
}

#[inline]
pub(crate) fn write_vectored(stream: &TcpStream, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    let nothing = &mut SendAncillaryBuffer::default();
    Ok(rustix::net::sendmsg(stream, bufs, nothing, SendFlags::NOSIGNAL)?)
}
