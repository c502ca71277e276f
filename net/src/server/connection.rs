//! A connection as its handler and the server share it.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::thread;

use futures_io::{AsyncRead, AsyncWrite};

use super::waiters::Waiters;

/// A connection that a [`Server`](super::Server) has accepted.
///
/// It reads and writes as the stream inside does, to which it dereferences; `&Connection` reads and writes,
/// too, if `&S` does. The server can reach the stream while the connection is open, which is how
/// [`close_clients`](super::Server::close_clients) ends its input. Dropping the connection closes it.
///
/// # Examples
///
/// Lines are answered until the peer, or the server, has had enough:
///
/// ```
/// use futures::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
/// use runtime::net::TcpStream;
/// use runtime::net::server::Connection;
///
/// async fn answer(connection: Connection<TcpStream>) -> std::io::Result<()> {
///     connection.set_nodelay(true)?;
///     let mut line = String::new();
///     let mut reader = BufReader::new(&connection);
///     while reader.read_line(&mut line).await? > 0 {
///         (&connection).write_all(line.to_uppercase().as_bytes()).await?;
///         line.clear();
///     }
///     (&connection).write_all(if connection.is_closing() { b"closed\n" } else { b"bye\n" }).await
/// }
/// ```
pub struct Connection<S> {
    shared: Arc<Shared<S>>,
}

/// What the server holds weakly.
pub(super) struct Shared<S> {
    pub(super) stream: S,
    closing: AtomicBool,
    /// The same for a layer above that does not hold the connection.
    told: OnceLock<Arc<AtomicBool>>,
    waiting: Waiters,
}

impl<S> Connection<S> {
    pub(super) fn new(stream: S) -> Connection<S> {
        let shared = Shared {
            stream,
            closing: AtomicBool::new(false),
            told: OnceLock::new(),
            waiting: Waiters::default(),
        };
        Connection { shared: Arc::new(shared) }
    }

    pub(super) fn shared(&self) -> &Arc<Shared<S>> {
        &self.shared
    }

    /// Waits until the server asks its connections to end; see
    /// [`Server::close_clients`](super::Server::close_clients).
    ///
    /// For handlers that wait for something else than input, or want to say goodbye. Any number of tasks may
    /// wait.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: once asked, it stays asked.
    pub async fn closing(&self) {
        self.shared.waiting.wait(|| self.is_closing()).await;
    }

    /// Whether the server has asked its connections to end.
    pub fn is_closing(&self) -> bool {
        self.shared.closing.load(Ordering::Acquire)
    }

    /// What says the same as [`is_closing`](Connection::is_closing), for a layer that is made before the
    /// connection is handed on. To be called on the server's thread.
    #[cfg_attr(not(feature = "tls"), allow(dead_code))]
    pub(crate) fn closing_flag(&self) -> Arc<AtomicBool> {
        let flag = self.shared.told.get_or_init(|| Arc::new(AtomicBool::new(self.is_closing())));
        flag.clone()
    }

    /// Takes the stream out of the server's reach, so that the server can no longer end its input, or reset
    /// it.
    ///
    /// The connection counts as open until its handler returns all the same. On a thread other than the
    /// server's, this waits, spinning, for a system call that the server may be making on the stream.
    pub fn into_inner(self) -> S {
        let mut shared = self.shared;
        loop {
            match Arc::try_unwrap(shared) {
                Ok(shared) => return shared.stream,
                // The server's thread is in the midst of a system call on it, and has more than one
                // connection to see to.
                Err(taken) => shared = taken,
            }
            thread::yield_now();
        }
    }
}

impl<S> Shared<S> {
    /// Records that the connection is to end; returns the wakers of who waits in [`Connection::closing`].
    ///
    /// They are for when the reference is gone through which this was called: a waker may run any code, also
    /// such as has the last word in [`Connection::into_inner`].
    #[must_use]
    pub(super) fn ask_to_close(&self) -> Vec<Waker> {
        self.closing.store(true, Ordering::Release);
        if let Some(told) = self.told.get() {
            told.store(true, Ordering::Release);
        }
        self.waiting.take()
    }
}

impl<S> Deref for Connection<S> {
    type Target = S;

    #[inline]
    fn deref(&self) -> &S {
        &self.shared.stream
    }
}

impl<S> AsRef<S> for Connection<S> {
    fn as_ref(&self) -> &S {
        self
    }
}

/// Reads and writes as a reference to the stream inside does.
macro_rules! as_the_stream {
    ($($Connection:ty),+) => {$(
        impl<S> AsyncRead for $Connection
        where
            for<'a> &'a S: AsyncRead,
        {
            #[inline]
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut &self.shared.stream).poll_read(cx, buf)
            }

            #[inline]
            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut &self.shared.stream).poll_read_vectored(cx, bufs)
            }
        }

        impl<S> AsyncWrite for $Connection
        where
            for<'a> &'a S: AsyncWrite,
        {
            #[inline]
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut &self.shared.stream).poll_write(cx, buf)
            }

            #[inline]
            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut &self.shared.stream).poll_write_vectored(cx, bufs)
            }

            #[inline]
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut &self.shared.stream).poll_flush(cx)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut &self.shared.stream).poll_close(cx)
            }
        }
    )+};
}

as_the_stream!(Connection<S>, &Connection<S>);

impl<S: fmt::Debug> fmt::Debug for Connection<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("stream", &self.shared.stream)
            .field("closing", &self.is_closing())
            .finish()
    }
}
