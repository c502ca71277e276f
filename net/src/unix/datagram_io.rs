//! Sending and receiving datagrams.

use std::io;
use std::os::unix::net::SocketAddr;
use std::path::Path;
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest};
use runtime_core::task::coop;

use super::retry::Retry;
use super::{UnixDatagram, address};
use crate::stream::ready_methods;

/// Sending. A datagram goes as a whole or not at all; an empty one is sent like any other.
impl UnixDatagram {
    /// Sends a datagram to the peer, and waits while its queue is full.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](io::ErrorKind::NotConnected) for a socket without a peer,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when the peer is gone, else those of send(2).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its end has sent nothing.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.with_io(Interest::WRITABLE, |io| io.0.send(buf)).await
    }

    /// Polls to send a datagram to the peer. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`send`](UnixDatagram::send).
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, |io| io.0.send(buf))
    }

    /// Sends a datagram to the peer if there is room for it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none, else as [`send`](UnixDatagram::send).
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| io.0.send(buf))
    }

    /// Sends a datagram to the socket on `path`, and waits while its queue is full.
    ///
    /// The system does not tell when a queue of another than the peer has room again, so this tries once more
    /// after 1 ms, 2 ms, and so on up to 32 ms. To send much to one socket,
    /// [`connect`](UnixDatagram::connect) to it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) when there is no such file,
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) when it belongs to no socket any more, else
    /// those of sendto(2). Outside of a loop, where nobody can wait, also
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the queue is full.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its end has sent nothing.
    pub async fn send_to(&self, buf: &[u8], path: impl AsRef<Path>) -> io::Result<usize> {
        self.send_to_addr(buf, &address::of_path(path.as_ref())?).await
    }

    /// Sends a datagram to `address`, which may be an abstract one, as [`send_to`](UnixDatagram::send_to).
    ///
    /// # Errors
    ///
    /// As [`send_to`](UnixDatagram::send_to).
    ///
    /// # Cancel safety
    ///
    /// As [`send_to`](UnixDatagram::send_to).
    pub async fn send_to_addr(&self, buf: &[u8], address: &SocketAddr) -> io::Result<usize> {
        coop::consume_budget().await;
        let mut retry = Retry::new();
        loop {
            match self.try_send_to_addr(buf, address) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => retry.pause().await?,
                sent => return sent,
            }
        }
    }

    /// Sends a datagram to the socket on `path` if there is room for it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none, else as
    /// [`send_to`](UnixDatagram::send_to).
    pub fn try_send_to(&self, buf: &[u8], path: impl AsRef<Path>) -> io::Result<usize> {
        self.try_send_to_addr(buf, &address::of_path(path.as_ref())?)
    }

    /// Sends a datagram to `address` if there is room for it.
    ///
    /// # Errors
    ///
    /// As [`try_send_to`](UnixDatagram::try_send_to).
    pub fn try_send_to_addr(&self, buf: &[u8], address: &SocketAddr) -> io::Result<usize> {
        // Whatever is known of readiness is about the peer, and not about `address`.
        self.socket()
            .send_to_addr(buf, address)
            .map_err(|cause| address::name_it("send to", address, cause))
    }
}

/// Receiving. A datagram that is longer than the buffer fills it, and its rest is lost;
/// [`recv_fds`](UnixDatagram::recv_fds) tells.
impl UnixDatagram {
    /// Receives a datagram, and tells how many bytes of the buffer it filled.
    ///
    /// # Errors
    ///
    /// Those of recv(2).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.with_io(Interest::READABLE, |io| io.0.recv(buf)).await
    }

    /// Polls for a datagram. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UnixDatagram::recv).
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, |io| io.0.recv(buf))
    }

    /// Receives a datagram that has arrived.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none has, else as [`recv`](UnixDatagram::recv).
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| io.0.recv(buf))
    }

    /// Receives a datagram, and tells its length and who sent it.
    ///
    /// # Errors
    ///
    /// As [`recv`](UnixDatagram::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.with_io(Interest::READABLE, |io| io.0.recv_from(buf)).await
    }

    /// Polls for a datagram and its sender. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UnixDatagram::recv).
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io.poll_io(cx, Direction::Read, |io| io.0.recv_from(buf))
    }

    /// Receives a datagram that has arrived, and tells its length and who sent it.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](UnixDatagram::try_recv).
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(Interest::READABLE, |io| io.0.recv_from(buf))
    }
}

/// Readiness.
impl UnixDatagram {
    /// Waits until there may be a datagram.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// Waits until there may be room to send to the peer.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
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

    /// Polls for readiness to send to the peer. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_write_ready(cx).map_ok(drop)
    }
}

ready_methods!(UnixDatagram, |_, operation| operation());
