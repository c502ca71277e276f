//! Receiving datagrams, where the system cuts off silently what does not fit.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;

use mio::net::UdpSocket;
use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags};

use crate::udp::Received;

pub(crate) fn recv(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
    socket.recv(buf)
}

pub(crate) fn recv_from(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    socket.recv_from(buf)
}

pub(crate) fn peek(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
    socket.peek(buf)
}

pub(crate) fn peek_from(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    socket.peek_from(buf)
}

/// Receives a datagram into several buffers, and tells whether it was cut off.
pub(crate) fn recv_msg(socket: &UdpSocket, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Received> {
    let nothing = &mut RecvAncillaryBuffer::default();
    let message = rustix::net::recvmsg(socket, bufs, nothing, RecvFlags::empty())?;
    let Some(Ok(addr)) = message.address.map(SocketAddr::try_from) else {
        let text = "the system did not tell the sender of a datagram";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    };
    let truncated = message.flags.contains(ReturnFlags::TRUNC);
    Ok(Received { len: message.bytes, addr, truncated })
}
