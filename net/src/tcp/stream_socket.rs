//! The socket of a stream as a source of bytes.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;

use crate::stream::{Got, Readable, Socket, Writable};
use crate::sys;

impl Readable for mio::net::TcpStream {
    #[inline]
    fn read(&self, buf: &mut [u8]) -> io::Result<Got> {
        sys::stream::read(self, buf).map(Got::whole)
    }

    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got> {
        sys::stream::read_vectored(self, bufs).map(Got::whole)
    }
}

impl Writable for mio::net::TcpStream {
    #[inline]
    fn write(&self, buf: &[u8]) -> io::Result<usize> {
        sys::stream::write(self, buf)
    }

    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        sys::stream::write_vectored(self, bufs)
    }
}

impl Socket for mio::net::TcpStream {
    fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        mio::net::TcpStream::peek(self, buf)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        mio::net::TcpStream::shutdown(self, how)
    }
}
