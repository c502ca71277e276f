//! Receiving several datagrams as one.

use super::Builder;
use crate::sys;

impl Builder {
    /// Has the kernel put datagrams of one sender and one length together before they are received
    /// (`UDP_GRO`).
    ///
    /// Worth it for a few senders that say much, above all when they send in runs, as
    /// [`send_batch`](super::UdpSocket::send_batch) does. Kernels before Linux 5.0 receive datagrams one by
    /// one still.
    ///
    /// Receive by [`recv_batch`](super::UdpSocket::recv_batch) then, which takes them apart again, into a
    /// [`RecvBatch`](super::RecvBatch) with room for 65,535 bytes each: any other way to receive takes what
    /// has been put together for one datagram. Has a side effect on IPv6: what does not fit a packet is not
    /// sent in fragments, but is an error (`IPV6_DONTFRAG`).
    pub fn recv_offload(self) -> Builder {
        self.set(|socket, local| sys::batch::coalesce(socket, local.is_ipv6()))
    }
}
