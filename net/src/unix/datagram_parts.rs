//! Datagrams that are looked at and left, and those that lie in several buffers.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd};
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest};
use rustix::net::{self, RecvAncillaryBuffer, RecvFlags, SendAncillaryBuffer};

use super::{UnixDatagram, messages};

/// Looking at the next datagram without taking it.
impl UnixDatagram {
    /// Receives the beginning of the next datagram and leaves it there; tells how many bytes of the buffer it
    /// filled.
    ///
    /// # Errors
    ///
    /// As [`recv`](UnixDatagram::recv).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the datagram stays in any case.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UnixDatagram;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let (one, other) = UnixDatagram::pair()?;
    ///     one.send(b"7 bytes").await?;
    ///     let mut kind = [0];
    ///     assert_eq!(other.peek(&mut kind).await?, 1);
    ///     assert_eq!(&kind, b"7");
    ///     assert_eq!(other.recv(&mut [0; 16]).await?, 7);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.with_io(Interest::READABLE, |io| peek(io.as_fd(), buf)).await
    }

    /// Polls for a datagram, and leaves it there. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UnixDatagram::recv).
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, |io| peek(io.as_fd(), buf))
    }

    /// Receives the beginning of a datagram that has arrived, and leaves it there.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](UnixDatagram::try_recv).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| peek(io.as_fd(), buf))
    }
}

/// Several buffers, one after the other, that make one datagram. Most systems take 1024 of them at most.
impl UnixDatagram {
    /// Sends a datagram that lies in several buffers to the peer, and waits while its queue is full.
    ///
    /// # Errors
    ///
    /// As [`send`](UnixDatagram::send), and that there are too many buffers.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its end has sent nothing.
    pub async fn send_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io.with_io(Interest::WRITABLE, |io| send(io.as_fd(), bufs)).await
    }

    /// Sends a datagram that lies in several buffers to the peer if there is room for it.
    ///
    /// # Errors
    ///
    /// As [`try_send`](UnixDatagram::try_send), and that there are too many buffers.
    pub fn try_send_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| send(io.as_fd(), bufs))
    }

    /// Receives a datagram into several buffers, and tells how many bytes of them it filled.
    ///
    /// # Errors
    ///
    /// As [`recv`](UnixDatagram::recv), and that there are too many buffers.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.io.with_io(Interest::READABLE, |io| receive(io.as_fd(), bufs)).await
    }

    /// Receives a datagram that has arrived into several buffers.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](UnixDatagram::try_recv), and that there are too many buffers.
    pub fn try_recv_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| receive(io.as_fd(), bufs))
    }
}

fn peek(socket: BorrowedFd<'_>, buf: &mut [u8]) -> io::Result<usize> {
    let (filled, _) = net::recv(socket, buf, RecvFlags::PEEK)?;
    Ok(filled)
}

fn send(socket: BorrowedFd<'_>, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    Ok(net::sendmsg(socket, bufs, &mut SendAncillaryBuffer::default(), messages::SEND)?)
}

fn receive(socket: BorrowedFd<'_>, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
    // Descriptors that came along have no room, and are closed.
    let mut nothing = RecvAncillaryBuffer::default();
    Ok(net::recvmsg(socket, bufs, &mut nothing, RecvFlags::empty())?.bytes)
}
