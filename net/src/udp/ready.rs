//! Waiting for readiness, and calls of one's own.

use std::io;
use std::task::{Context, Poll};

use super::UdpSocket;
use crate::stream::ready_methods;

/// Readiness.
impl UdpSocket {
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
}

ready_methods! {
    UdpSocket, |io, operation| io.try_io(operation),
    ready: {
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
    }
    async_io: {}
}
