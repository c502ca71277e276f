//! What a transport writes to and reads from.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_io::{AsyncRead, AsyncWrite};

use crate::TcpStream;
use crate::server::Connection;
use crate::stream;

/// A stream that a connection with a protocol can own.
///
/// The sockets of this crate are; [`Exclusive`] makes one of any stream that implements the traits of
/// `futures-io`.
pub trait Wire: 'static {
    /// Whether what has been written stays with the stream until [`poll_flush`](Wire::poll_flush).
    const FLUSHES: bool = false;

    /// Reads, as [`AsyncRead::poll_read`], and may begin to wait for more at once.
    ///
    /// # Errors
    ///
    /// Those of the stream, which end the connection.
    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<Received>>;

    /// Writes what there is room for, without waiting.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if there is no room; all others end the connection.
    fn try_write(&self, buf: &[u8]) -> io::Result<usize>;

    /// Writes of several buffers what there is room for, without waiting.
    ///
    /// # Errors
    ///
    /// As [`try_write`](Wire::try_write).
    fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Writes, as [`AsyncWrite::poll_write_vectored`].
    ///
    /// # Errors
    ///
    /// Those of the stream, which end the connection.
    fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>>;

    /// Flushes, as [`AsyncWrite::poll_flush`].
    ///
    /// # Errors
    ///
    /// Those of the stream, which end the connection.
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = cx;
        Poll::Ready(Ok(()))
    }

    /// Ends the writing side, as [`AsyncWrite::poll_close`].
    ///
    /// # Errors
    ///
    /// Those of the stream, which end the connection.
    fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Whether the writing side can end before the reading side.
    fn can_write_eof(&self) -> bool {
        true
    }

    /// Whether the stream has to be shut down before it is closed, even if the protocol has not asked for
    /// that.
    fn wants_farewell(&self) -> bool {
        false
    }

    /// Prepares the stream for a transport, such as by setting options.
    fn prepare(&self) {}

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of the stream, and [`Unsupported`](io::ErrorKind::Unsupported) if that has no Internet address.
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Err(no_address())
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// As [`local_addr`](Wire::local_addr).
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(no_address())
    }

    /// Shows the stream itself.
    fn show(&self, to: &mut dyn FnMut(&dyn Any));
}

/// What a [`Wire`] has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// How many bytes; none at the end of the stream.
    pub count: usize,
    /// Whether there is no more for now, and the task will be called when there is.
    pub waits: bool,
}

/// What a connection with a protocol can be made of: a [`Wire`], or what has to be wrapped to be one.
pub trait IntoWire {
    /// What it becomes.
    type Wire: Wire;

    /// Makes a wire of it.
    fn into_wire(self) -> Self::Wire;
}

impl<W: Wire> IntoWire for W {
    type Wire = W;

    #[inline]
    fn into_wire(self) -> W {
        self
    }
}

#[cold]
fn no_address() -> io::Error {
    let message = "the stream has no Internet address: ask it by `Transport::with_stream`";
    io::Error::new(io::ErrorKind::Unsupported, message)
}

impl Wire for TcpStream {
    #[inline(always)]
    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<Received>> {
        stream::poll_read_ahead(&self.io, cx, buf)
            .map_ok(|(count, waits)| Received { count, waits })
    }

    #[inline(always)]
    fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        stream::try_write(&self.io, buf)
    }

    fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        TcpStream::try_write_vectored(self, bufs)
    }

    fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self).poll_write_vectored(cx, bufs)
    }

    fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_close(cx)
    }

    /// Sends each write at once (`TCP_NODELAY`): the transport gathers what is to be gathered.
    fn prepare(&self) {
        // A connection that is gone already says so soon enough.
        let _ = self.set_nodelay(true);
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        TcpStream::local_addr(self)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        TcpStream::peer_addr(self)
    }

    fn show(&self, to: &mut dyn FnMut(&dyn Any)) {
        to(self);
    }
}

/// A connection that a server has accepted is the wire that its stream is.
impl<W: Wire> Wire for Connection<W> {
    const FLUSHES: bool = W::FLUSHES;

    #[inline(always)]
    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<Received>> {
        W::poll_read(self, cx, buf)
    }

    #[inline(always)]
    fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        W::try_write(self, buf)
    }

    fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        W::try_write_vectored(self, bufs)
    }

    fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        W::poll_write_vectored(self, cx, bufs)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        W::poll_flush(self, cx)
    }

    fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        W::poll_shutdown(self, cx)
    }

    fn can_write_eof(&self) -> bool {
        W::can_write_eof(self)
    }

    fn wants_farewell(&self) -> bool {
        W::wants_farewell(self)
    }

    fn prepare(&self) {
        W::prepare(self);
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        W::local_addr(self)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        W::peer_addr(self)
    }

    fn show(&self, to: &mut dyn FnMut(&dyn Any)) {
        W::show(self, to);
    }
}

/// Makes a [`Wire`] of any stream that implements `AsyncRead` and `AsyncWrite`, such as one with TLS.
///
/// It is flushed after each write, and closed by its `poll_close` before it is dropped, unless the connection
/// is aborted or has failed.
pub struct Exclusive<S> {
    stream: RefCell<S>,
    /// Finds what the stream runs over, if that is known.
    below: Option<fn(&S) -> &dyn Below>,
}

/// What is asked of a stream that another one runs over.
pub(super) trait Below {
    fn prepare(&self);
    fn local_addr(&self) -> io::Result<SocketAddr>;
    fn peer_addr(&self) -> io::Result<SocketAddr>;
    fn show(&self, to: &mut dyn FnMut(&dyn Any));
}

impl<W: Wire> Below for W {
    fn prepare(&self) {
        Wire::prepare(self);
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Wire::local_addr(self)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Wire::peer_addr(self)
    }

    fn show(&self, to: &mut dyn FnMut(&dyn Any)) {
        Wire::show(self, to);
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Exclusive<S> {
    /// Wraps a stream.
    pub fn new(stream: S) -> Exclusive<S> {
        Exclusive { stream: RefCell::new(stream), below: None }
    }

    /// Wraps a stream that runs over another one, which has the addresses and the options.
    #[cfg_attr(not(feature = "tls"), allow(dead_code))]
    pub(super) fn over(stream: S, below: fn(&S) -> &dyn Below) -> Exclusive<S> {
        Exclusive { stream: RefCell::new(stream), below: Some(below) }
    }

    fn ask_below<R>(&self, f: impl FnOnce(&dyn Below) -> io::Result<R>) -> io::Result<R> {
        let below = self.below.ok_or_else(no_address)?;
        match self.stream.try_borrow() {
            Ok(stream) => f(below(&stream)),
            Err(_) => Err(in_use()),
        }
    }

    fn poll<R>(&self, f: impl FnOnce(Pin<&mut S>) -> Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        match self.stream.try_borrow_mut() {
            Ok(mut stream) => f(Pin::new(&mut *stream)),
            Err(_) => Poll::Ready(Err(in_use())),
        }
    }

    /// Asks without waiting: the task of the connection polls again when this says `WouldBlock`.
    fn attempt<R>(
        &self,
        f: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> io::Result<R> {
        match self.poll(|stream| f(stream, &mut Context::from_waker(Waker::noop()))) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

#[cold]
fn in_use() -> io::Error {
    io::Error::other("the stream is used from within itself")
}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Wire for Exclusive<S> {
    const FLUSHES: bool = true;

    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<Received>> {
        let read = self.poll(|stream| stream.poll_read(cx, buf));
        read.map_ok(|count| Received { count, waits: false })
    }

    fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.attempt(|stream, cx| stream.poll_write(cx, buf))
    }

    fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.attempt(|stream, cx| stream.poll_write_vectored(cx, bufs))
    }

    fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write_vectored(cx, bufs))
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_close(cx))
    }

    fn wants_farewell(&self) -> bool {
        true
    }

    fn prepare(&self) {
        // What is below need not be known.
        let _ = self.ask_below(|below| {
            below.prepare();
            Ok(())
        });
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.ask_below(|below| below.local_addr())
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.ask_below(|below| below.peer_addr())
    }

    fn show(&self, to: &mut dyn FnMut(&dyn Any)) {
        if let Ok(stream) = self.stream.try_borrow() {
            to(&*stream);
            if let Some(below) = self.below {
                below(&stream).show(to);
            }
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for Exclusive<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exclusive").field("stream", &self.stream).finish()
    }
}
