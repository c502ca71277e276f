//! The halves of a TCP stream.

use std::io;
use std::net::SocketAddr;

use runtime_core::reactor::Registered;

use super::TcpStream;
use crate::stream::split::{Closing, Reader, SharedStream, Split, Writer, sealed};

/// The half of a [`TcpStream`] that reads, borrowed with [`TcpStream::split`].
pub type ReadHalf<'a> = Reader<&'a TcpStream>;

/// The half of a [`TcpStream`] that writes, borrowed with [`TcpStream::split`].
pub type WriteHalf<'a> = Writer<&'a TcpStream>;

/// The half of a [`TcpStream`] that reads, made by [`TcpStream::into_split`].
///
/// Dropping it does not shut reading down. The connection closes when both halves have been dropped.
pub type OwnedReadHalf = Reader<SharedStream<TcpStream>>;

/// The half of a [`TcpStream`] that writes, made by [`TcpStream::into_split`].
///
/// Dropping it shuts writing down, unless [`forget`](OwnedWriteHalf::forget) is called instead.
pub type OwnedWriteHalf = Writer<Closing<TcpStream>>;

impl sealed::Sealed for TcpStream {}

impl Split for TcpStream {
    type Address = SocketAddr;
    type Socket = mio::net::TcpStream;

    fn registered(&self) -> &Registered<mio::net::TcpStream> {
        &self.io
    }

    fn address(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }

    fn address_of_peer(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }
}
