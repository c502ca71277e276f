//! Many datagrams, one call each.

use std::io::{self, IoSliceMut};

use mio::net::UdpSocket;

use super::datagram;
use crate::udp::{RecvBatch, SendBatch, Slot};

/// Receives into the first free place of a batch; false if there are surely no more datagrams.
pub(crate) fn recv(socket: &UdpSocket, batch: &mut RecvBatch) -> io::Result<bool> {
    let (bytes, place, filled) = batch.free();
    let received = datagram::recv_msg(socket, &mut [IoSliceMut::new(&mut bytes[..place - 1])])?;
    let (len, addr, truncated) = (received.len, received.addr, received.truncated);
    filled.push(Slot { addr, len, stride: len, truncated });
    Ok(true)
}

/// Sends the first datagram of a batch that is not empty, and tells how many that were.
pub(crate) fn send(socket: &UdpSocket, batch: &mut SendBatch) -> io::Result<usize> {
    match batch.datagram(0) {
        (data, Some(target)) => socket.send_to(data, target)?,
        (data, None) => socket.send(data)?,
    };
    Ok(1)
}
