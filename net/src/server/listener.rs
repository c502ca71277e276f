//! What a server accepts connections from.

use std::fmt;
use std::future::{self, Future};
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;

use super::Connection;
use crate::tcp::{TcpListener, TcpStream};

/// What a [`Server`](super::Server) accepts connections from.
///
/// [`TcpListener`](crate::TcpListener) is one, `UnixListener` another, and what serves TLS is one around one
/// of them. A connection comes into being in two steps: [`poll_accept`](Listener::poll_accept) runs in the
/// accept loop and takes a connection from the system; [`establish`](Listener::establish) runs in the task of
/// that connection and makes of it what the handler is given. Whatever has to wait for the peer, such as a
/// handshake, belongs to the second step.
///
/// # Examples
///
/// A listener that lets nobody in but the machine itself, and gives handlers what the one inside of it would:
///
/// ```
/// use std::io;
/// use std::net::SocketAddr;
/// use std::task::{Context, Poll, ready};
///
/// use runtime::net::server::{Connection, Listener};
/// use runtime::net::{Server, TcpListener, TcpStream};
///
/// struct Local(TcpListener);
///
/// impl Listener for Local {
///     type Io = TcpStream;
///     type Stream = Connection<TcpStream>;
///     type Addr = SocketAddr;
///
///     fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
///         loop {
///             let (stream, peer) = ready!(self.0.poll_accept(cx))?;
///             if peer.ip().is_loopback() {
///                 return Poll::Ready(Ok((stream, peer)));
///             }
///         }
///     }
///
///     fn local_addr(&self) -> io::Result<SocketAddr> {
///         self.0.local_addr()
///     }
///
///     fn establish(
///         &self,
///         connection: Connection<TcpStream>,
///         peer: &SocketAddr,
///     ) -> impl Future<Output = io::Result<Self::Stream>> + 'static {
///         self.0.establish(connection, peer)
///     }
///
///     fn end_input(io: &TcpStream) {
///         TcpListener::end_input(io);
///     }
///
///     fn reset_on_close(io: &TcpStream) {
///         TcpListener::reset_on_close(io);
///     }
/// }
///
/// # fn main() -> io::Result<()> {
/// runtime::run(async {
///     let listener = Local(TcpListener::bind("127.0.0.1:0").await?);
///     let server = Server::over(listener).serve(async |_stream, peer| println!("{peer}")).await?;
///     println!("listening on {:?}", server.local_addrs());
///     Ok(())
/// })
/// # }
/// ```
pub trait Listener: 'static {
    /// What the system gives: a connected socket. The server keeps a weak reference to it while the
    /// connection is open.
    type Io: 'static;

    /// What the handler is given.
    type Stream: 'static;

    /// The address of a peer, and of the listener itself.
    type Addr: Clone + fmt::Debug + 'static;

    /// Polls for the next connection.
    ///
    /// The server polls from one task. Lack of resources and connections that died in the queue are best
    /// dealt with here: the server tells the loop's exception handler of an error, waits a moment, and polls
    /// again.
    ///
    /// # Errors
    ///
    /// What keeps the listener from accepting.
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Self::Addr)>>;

    /// The address that the listener is bound to.
    ///
    /// # Errors
    ///
    /// When the system does not know it.
    fn local_addr(&self) -> io::Result<Self::Addr>;

    /// Makes of a new connection what the handler is given.
    ///
    /// The call itself is made by the accept loop, right after the poll that gave the connection, and must
    /// not do the work; the future is run by the task of the connection. It
    /// must not keep the listener open, hence `'static`: clone what it needs. If it fails or panics, this one
    /// connection ends.
    fn establish(
        &self,
        connection: Connection<Self::Io>,
        peer: &Self::Addr,
    ) -> impl Future<Output = io::Result<Self::Stream>> + 'static;

    /// Has whoever reads from the connection find its end, as if the peer would send no more. Writing goes
    /// on.
    ///
    /// The peer of a Unix socket notices that nobody will read what it writes; that of a TCP connection does
    /// not.
    fn end_input(io: &Self::Io);

    /// Has the connection be reset when it is closed, where there is such a thing; bytes that are still
    /// unsent are lost.
    fn reset_on_close(io: &Self::Io);
}

impl Listener for TcpListener {
    type Io = TcpStream;
    type Stream = Connection<TcpStream>;
    type Addr = SocketAddr;

    #[inline]
    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        TcpListener::poll_accept(self, cx)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        TcpListener::local_addr(self)
    }

    #[inline]
    fn establish(
        &self,
        connection: Connection<TcpStream>,
        _peer: &SocketAddr,
    ) -> impl Future<Output = io::Result<Connection<TcpStream>>> + 'static {
        future::ready(Ok(connection))
    }

    fn end_input(io: &TcpStream) {
        // Fails if the connection is gone, which its reader finds out as well.
        let _ = io.shutdown(Shutdown::Read);
    }

    fn reset_on_close(io: &TcpStream) {
        // close(2) resets at a time to linger of zero; see socket(7).
        let _ = io.set_linger(Some(Duration::ZERO));
    }
}
