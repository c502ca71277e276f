//! The halves of a Unix stream.

use std::io;
use std::os::unix::net::{self, SocketAddr};

use runtime_core::reactor::Registered;

use super::UnixStream;
use super::socket::Watched;
use crate::stream::split::{self, Closing, Reader, SharedStream, Split, Writer, sealed};

/// The half of a [`UnixStream`] that reads, borrowed with [`UnixStream::split`].
pub type ReadHalf<'a> = Reader<&'a UnixStream>;

/// The half of a [`UnixStream`] that writes, borrowed with [`UnixStream::split`].
pub type WriteHalf<'a> = Writer<&'a UnixStream>;

/// The half of a [`UnixStream`] that reads, made by [`UnixStream::into_split`].
///
/// Dropping it does not shut reading down. The connection closes when both halves have been dropped.
pub type OwnedReadHalf = Reader<SharedStream<UnixStream>>;

/// The half of a [`UnixStream`] that writes, made by [`UnixStream::into_split`].
///
/// Dropping it shuts writing down, unless `forget` is called instead.
pub type OwnedWriteHalf = Writer<Closing<UnixStream>>;

/// Error of putting two halves together that are not of the same [`UnixStream`]; it holds both.
pub type ReuniteError = split::ReuniteError<UnixStream>;

impl sealed::Sealed for UnixStream {}

impl Split for UnixStream {
    type Address = SocketAddr;
    type Socket = Watched<net::UnixStream>;

    fn registered(&self) -> &Registered<Watched<net::UnixStream>> {
        &self.io
    }

    fn address(&self) -> io::Result<SocketAddr> {
        self.local_addr()
    }

    fn address_of_peer(&self) -> io::Result<SocketAddr> {
        self.peer_addr()
    }
}
