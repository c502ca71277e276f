//! Receiving datagrams, where it is an error that one does not fit its buffer, and its sender then remains
//! unknown.
//!
//! So each is received into a buffer that any datagram fits, and copied.

use std::cell::RefCell;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;

use mio::net::UdpSocket;

use crate::udp::Received;

/// More than the length field of UDP (RFC 768) can say.
const MOST: usize = 1 << 16;

thread_local! {
    static WHOLE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn recv(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
    recv_msg(socket, &mut [IoSliceMut::new(buf)]).map(|received| received.len)
}

pub(crate) fn recv_from(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    recv_msg(socket, &mut [IoSliceMut::new(buf)]).map(|received| (received.len, received.addr))
}

pub(crate) fn peek(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
    peek_from(socket, buf).map(|(len, _)| len)
}

pub(crate) fn peek_from(socket: &UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
    let received = receive(&mut [IoSliceMut::new(buf)], |whole| socket.peek_from(whole))?;
    Ok((received.len, received.addr))
}

/// Receives a datagram into several buffers, and tells whether it was cut off.
pub(crate) fn recv_msg(socket: &UdpSocket, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Received> {
    receive(bufs, |whole| socket.recv_from(whole))
}

fn receive(
    bufs: &mut [IoSliceMut<'_>],
    call: impl FnOnce(&mut [u8]) -> io::Result<(usize, SocketAddr)>,
) -> io::Result<Received> {
    WHOLE.with_borrow_mut(|whole| {
        whole.resize(MOST, 0);
        let (sent, addr) = call(whole)?;
        let mut rest = &whole[..sent];
        for buf in bufs {
            let (part, after) = rest.split_at(rest.len().min(buf.len()));
            buf[..part.len()].copy_from_slice(part);
            rest = after;
        }
        Ok(Received { len: sent - rest.len(), addr, truncated: !rest.is_empty() })
    })
}
