//! Receiving.
//!
//! A short datagram says nothing about what else has arrived, so readiness learns from `WouldBlock` alone.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest};

use super::UdpSocket;
use crate::sys;

/// What [`UdpSocket::recv_msg`] tells of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// How many bytes of the buffer were filled.
    pub len: usize,
    /// Who sent the datagram.
    pub addr: SocketAddr,
    /// Whether the datagram was longer than the buffer. The rest of it is lost.
    pub truncated: bool,
}

/// Receiving. A datagram that is longer than the buffer fills it, and its rest is lost.
impl UdpSocket {
    /// Receives a datagram, and tells how many bytes of the buffer it filled.
    ///
    /// # Errors
    ///
    /// Those of recv(2), and that the loop has been closed. On a connected socket
    /// [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) says that nobody listens at the other end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.with_io(Interest::READABLE, |io| sys::datagram::recv(io, buf)).await
    }

    /// Polls for a datagram. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, |io| sys::datagram::recv(io, buf))
    }

    /// Receives a datagram that has arrived.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none has, else as [`recv`](UdpSocket::recv).
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| sys::datagram::recv(io, buf))
    }

    /// Receives a datagram, and tells its length and who sent it.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.with_io(Interest::READABLE, |io| sys::datagram::recv_from(io, buf)).await
    }

    /// Polls for a datagram, its length and who sent it. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io.poll_io(cx, Direction::Read, |io| sys::datagram::recv_from(io, buf))
    }

    /// Receives a datagram that has arrived, and tells its length and who sent it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none has arrived, else as [`recv`](UdpSocket::recv).
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(Interest::READABLE, |io| sys::datagram::recv_from(io, buf))
    }

    /// Receives a datagram, and tells its length, who sent it, and whether it was too long for the buffer.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    ///
    /// # Examples
    ///
    /// A server that does not take the beginning of a message for the whole:
    ///
    /// ```
    /// use runtime::net::UdpSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let socket = UdpSocket::bind("127.0.0.1:0").await?;
    ///     socket.send_to(b"far too long", socket.local_addr()?).await?;
    ///
    ///     let mut buf = [0; 3];
    ///     let received = socket.recv_msg(&mut buf).await?;
    ///     assert_eq!(&buf[..received.len], b"far");
    ///     if received.truncated {
    ///         println!("ignoring {}, who sends messages without end", received.addr);
    ///     }
    ///     # assert!(received.truncated);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn recv_msg(&self, buf: &mut [u8]) -> io::Result<Received> {
        self.io.with_io(Interest::READABLE, |io| received(io, buf)).await
    }

    /// Polls as [`recv_msg`](UdpSocket::recv_msg). Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_recv_msg(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<Received>> {
        self.io.poll_io(cx, Direction::Read, |io| received(io, buf))
    }

    /// Receives a datagram that has arrived, as [`recv_msg`](UdpSocket::recv_msg).
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none has arrived, else as [`recv`](UdpSocket::recv).
    pub fn try_recv_msg(&self, buf: &mut [u8]) -> io::Result<Received> {
        self.io.try_io(Interest::READABLE, |io| received(io, buf))
    }

    /// Receives a datagram without taking it away: the next call receives it again.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is consumed.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.with_io(Interest::READABLE, |io| sys::datagram::peek(io, buf)).await
    }

    /// Polls for a datagram without taking it away. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, |io| sys::datagram::peek(io, buf))
    }

    /// Peeks at a datagram that has arrived.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none has, else as [`recv`](UdpSocket::recv).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| sys::datagram::peek(io, buf))
    }

    /// Receives a datagram without taking it away, and tells its length and who sent it.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is consumed.
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.with_io(Interest::READABLE, |io| sys::datagram::peek_from(io, buf)).await
    }

    /// Polls as [`peek_from`](UdpSocket::peek_from). Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io.poll_io(cx, Direction::Read, |io| sys::datagram::peek_from(io, buf))
    }

    /// Peeks at a datagram that has arrived, and tells its length and who sent it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none has arrived, else as [`recv`](UdpSocket::recv).
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(Interest::READABLE, |io| sys::datagram::peek_from(io, buf))
    }

    /// Waits for a datagram, and tells who sent it, without taking it away.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is consumed.
    ///
    /// # Examples
    ///
    /// A buffer for each peer:
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use runtime::net::UdpSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let socket = UdpSocket::bind("127.0.0.1:0").await?;
    ///     socket.send_to(b"hello", socket.local_addr()?).await?;
    ///
    ///     let mut buffers = HashMap::new();
    ///     let peer = socket.peek_sender().await?;
    ///     let buffer = buffers.entry(peer).or_insert_with(|| [0; 1500]);
    ///     assert_eq!(socket.recv_from(buffer).await?, (5, peer));
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn peek_sender(&self) -> io::Result<SocketAddr> {
        self.io.with_io(Interest::READABLE, sender).await
    }

    /// Polls as [`peek_sender`](UdpSocket::peek_sender). Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.io.poll_io(cx, Direction::Read, sender)
    }

    /// Tells who sent a datagram that has arrived.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when none has arrived, else as [`recv`](UdpSocket::recv).
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.io.try_io(Interest::READABLE, sender)
    }
}

fn sender(io: &mio::net::UdpSocket) -> io::Result<SocketAddr> {
    sys::datagram::peek_from(io, &mut []).map(|(_, sender)| sender)
}

fn received(io: &mio::net::UdpSocket, buf: &mut [u8]) -> io::Result<Received> {
    sys::datagram::recv_msg(io, &mut [IoSliceMut::new(buf)])
}
