//! Waiting for readiness, and calls of one's own.

use std::io;
use std::task::{Context, Poll};

use runtime_core::reactor::{Interest, Ready};

use super::UdpSocket;

/// Readiness.
impl UdpSocket {
    /// Waits until the socket is ready in one of the ways asked for, and tells which.
    ///
    /// Readiness can be out of date; go by the `WouldBlock` of the `try_` methods, which is also what makes
    /// the next call wait.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until an operation finds that there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UdpSocket;
    /// use runtime::reactor::Interest;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let socket = UdpSocket::bind("127.0.0.1:0").await?;
    ///     let ready = socket.ready(Interest::READABLE | Interest::WRITABLE).await?;
    ///     assert!(ready.is_writable() && !ready.is_readable());
    ///     socket.try_send_to(b"hello", socket.local_addr()?)?;
    ///     socket.readable().await?;
    ///     assert_eq!(socket.try_recv(&mut [0; 8])?, 5);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.io.ready(interest).await
    }

    /// Waits until there may be something to receive, a datagram or an error.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until a receive finds that there is none.
    pub async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// Waits until there may be room to send.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until a send finds that there is none.
    pub async fn writable(&self) -> io::Result<()> {
        self.io.writable().await
    }

    /// Polls for readiness to receive. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_read_ready(cx).map_ok(drop)
    }

    /// Polls for readiness to send. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_write_ready(cx).map_ok(drop)
    }

    /// Calls `operation` if the socket is ready for it, for calls that this type does not have.
    ///
    /// `operation` acts on the socket's descriptor and returns [`WouldBlock`](io::ErrorKind::WouldBlock) when
    /// the system does; that makes the next [`readable`](UdpSocket::readable) or
    /// [`writable`](UdpSocket::writable) wait.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the socket is not ready, else those of `operation`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, |io| io.try_io(operation))
    }

    /// Calls `operation` until it returns something other than [`WouldBlock`](io::ErrorKind::WouldBlock),
    /// waiting in between.
    ///
    /// # Errors
    ///
    /// Those of `operation`, and that the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe if `operation` is: it is not called again after the future has been dropped.
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut operation: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.with_io(interest, |io| io.try_io(&mut operation)).await
    }
}
