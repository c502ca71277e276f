//! The calls on a stream, by way of mio, which has to see them on Windows.
//!
//! Apple's systems keep `SIGPIPE` away by an option that the standard library sets on every socket.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};

#[inline]
pub(crate) fn read<S>(mut stream: &S, buf: &mut [u8]) -> io::Result<usize>
where
    for<'a> &'a S: Read,
{
    stream.read(buf)
}

#[inline]
pub(crate) fn read_vectored<S>(mut stream: &S, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>
where
    for<'a> &'a S: Read,
{
    stream.read_vectored(bufs)
}

#[inline]
pub(crate) fn write<S>(mut stream: &S, buf: &[u8]) -> io::Result<usize>
where
    for<'a> &'a S: Write,
{
    stream.write(buf)
}

#[inline]
pub(crate) fn write_vectored<S>(mut stream: &S, bufs: &[IoSlice<'_>]) -> io::Result<usize>
where
    for<'a> &'a S: Write,
{
    stream.write_vectored(bufs)
}
