//! Datagrams that lie in several buffers.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;

use runtime_core::reactor::Interest;
use socket2::SockRef;

use super::{Received, UdpSocket};
use crate::sys;

/// Several buffers, one after the other, that make one datagram. Most systems take 1024 of them at most.
impl UdpSocket {
    /// Sends a datagram that lies in several buffers to the address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// As [`send`](UdpSocket::send), and that there are too many buffers.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its end has sent nothing.
    ///
    /// # Examples
    ///
    /// A header and its payload, without copying them together:
    ///
    /// ```
    /// use std::io::IoSlice;
    /// use runtime::net::UdpSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let server = UdpSocket::bind("127.0.0.1:0").await?;
    ///     let client = UdpSocket::builder().remote(server.local_addr()?).open().await?;
    ///     let (header, payload) = (7_u32.to_be_bytes(), b"payload");
    ///     client.send_vectored(&[IoSlice::new(&header), IoSlice::new(payload)]).await?;
    ///     assert_eq!(server.recv(&mut [0; 64]).await?, 11);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn send_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io.with_io(Interest::WRITABLE, |io| send(io, bufs)).await
    }

    /// Sends a datagram that lies in several buffers to the peer if there is room for it.
    ///
    /// # Errors
    ///
    /// As [`try_send`](UdpSocket::try_send), and that there are too many buffers.
    pub fn try_send_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| send(io, bufs))
    }

    /// Sends a datagram that lies in several buffers to an address.
    ///
    /// # Errors
    ///
    /// Those of sendmsg(2), and that the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its end has sent nothing.
    pub async fn send_to_vectored(
        &self,
        bufs: &[IoSlice<'_>],
        target: SocketAddr,
    ) -> io::Result<usize> {
        self.io.with_io(Interest::WRITABLE, |io| send_to(io, bufs, target)).await
    }

    /// Sends a datagram that lies in several buffers to an address if there is room for it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none, else those of sendmsg(2).
    pub fn try_send_to_vectored(
        &self,
        bufs: &[IoSlice<'_>],
        target: SocketAddr,
    ) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| send_to(io, bufs, target))
    }

    /// Receives a datagram into several buffers, and tells what [`recv_msg`](UdpSocket::recv_msg) does.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv), and that there are too many buffers.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Received> {
        self.io.with_io(Interest::READABLE, |io| sys::datagram::recv_msg(io, bufs)).await
    }

    /// Receives a datagram that has arrived into several buffers.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](UdpSocket::try_recv), and that there are too many buffers.
    pub fn try_recv_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Received> {
        self.io.try_io(Interest::READABLE, |io| sys::datagram::recv_msg(io, bufs))
    }
}

fn send(io: &mio::net::UdpSocket, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    io.try_io(|| SockRef::from(io).send_vectored(bufs))
}

fn send_to(
    io: &mio::net::UdpSocket,
    bufs: &[IoSlice<'_>],
    target: SocketAddr,
) -> io::Result<usize> {
    io.try_io(|| SockRef::from(io).send_to_vectored(bufs, &target.into()))
}
