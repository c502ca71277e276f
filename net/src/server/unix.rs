//! Servers over Unix sockets, and the descriptors of connections.

use std::future::{self, Future};
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll};

use socket2::SockRef;

use super::{Connection, Listener};
use crate::unix::{SocketAddr, UnixListener, UnixStream};

impl Listener for UnixListener {
    type Io = UnixStream;
    type Stream = Connection<UnixStream>;
    type Addr = SocketAddr;

    #[inline]
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        UnixListener::poll_accept(self, cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        UnixListener::local_addr(self)
    }

    #[inline]
    fn establish(
        &self,
        connection: Connection<UnixStream>,
        _peer: &SocketAddr,
    ) -> impl Future<Output = io::Result<Connection<UnixStream>>> + 'static {
        future::ready(Ok(connection))
    }

    fn end_input(io: &UnixStream) {
        // Fails if the connection is gone, which its reader finds out as well.
        let _ = SockRef::from(io).shutdown(Shutdown::Read);
    }

    /// A Unix socket resets by itself when there is something left that nobody has read, and never otherwise.
    fn reset_on_close(_io: &UnixStream) {}
}

impl<S: AsFd> AsFd for Connection<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        (**self).as_fd()
    }
}

impl<S: AsRawFd> AsRawFd for Connection<S> {
    fn as_raw_fd(&self) -> RawFd {
        (**self).as_raw_fd()
    }
}
