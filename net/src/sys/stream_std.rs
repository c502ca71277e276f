//! The calls on a stream, by way of mio, which has to see them on Windows.
//!
//! Apple's systems keep `SIGPIPE` away by an option that the standard library sets on every socket.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};

use mio::net::TcpStream;

#[inline]
pub(crate) fn read(mut stream: &TcpStream, buf: &mut [u8]) -> io::Result<usize> {
    stream.read(buf)
}

#[inline]
pub(crate) fn read_vectored(
    mut stream: &TcpStream,
    bufs: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    stream.read_vectored(bufs)
}

#[inline]
pub(crate) fn write(mut stream: &TcpStream, buf: &[u8]) -> io::Result<usize> {
    stream.write(buf)
}

#[inline]
pub(crate) fn write_vectored(mut stream: &TcpStream, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    stream.write_vectored(bufs)
}
