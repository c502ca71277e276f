//! The options of a socket.

use std::io;

use socket2::SockRef;

use super::UdpSocket;

/// Options. More can be reached with `socket2::SockRef::from(&socket)`.
impl UdpSocket {
    /// Takes the pending error off the socket (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.get_ref().take_error()
    }

    /// Allows to send to broadcast addresses (`SO_BROADCAST`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_broadcast(&self, broadcast: bool) -> io::Result<()> {
        self.io.get_ref().set_broadcast(broadcast)
    }

    /// Whether it is allowed to send to broadcast addresses.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn broadcast(&self) -> io::Result<bool> {
        self.io.get_ref().broadcast()
    }

    /// Sets the time to live of packets, 1 to 255 hops (`IP_TTL`).
    ///
    /// Those to groups have [one of their own](UdpSocket::set_multicast_ttl_v4).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.io.get_ref().set_ttl(hops)
    }

    /// The time to live of packets in hops.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.get_ref().ttl()
    }

    /// Sets the hop limit of IPv6 packets, 1 to 255 (`IPV6_UNICAST_HOPS`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); also when the socket is an IPv4 one.
    pub fn set_hops_v6(&self, hops: u32) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_unicast_hops_v6(hops)
    }

    /// The hop limit of IPv6 packets.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn hops_v6(&self) -> io::Result<u32> {
        SockRef::from(self.io.get_ref()).unicast_hops_v6()
    }

    /// Sets the type of service of IPv4 packets (`IP_TOS`), 0 to 255.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_tos_v4(tos)
    }

    /// The type of service of IPv4 packets.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn tos_v4(&self) -> io::Result<u32> {
        SockRef::from(self.io.get_ref()).tos_v4()
    }

    /// Sets the size of the send buffer in bytes (`SO_SNDBUF`).
    ///
    /// Linux doubles it, and cuts it at `net.core.wmem_max`.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_send_buffer_size(&self, bytes: u32) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_send_buffer_size(bytes as usize)
    }

    /// The size of the send buffer in bytes.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        SockRef::from(self.io.get_ref()).send_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the receive buffer in bytes (`SO_RCVBUF`); what arrives when it is full is lost.
    ///
    /// Linux doubles it, and cuts it at `net.core.rmem_max`.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_recv_buffer_size(&self, bytes: u32) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_recv_buffer_size(bytes as usize)
    }

    /// The size of the receive buffer in bytes.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        SockRef::from(self.io.get_ref()).recv_buffer_size().map(|bytes| bytes as u32)
    }

    /// Whether an IPv6 socket leaves IPv4 alone (`IPV6_V6ONLY`); the [`Builder`](super::Builder::v6only) sets
    /// it.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn v6only(&self) -> io::Result<bool> {
        SockRef::from(self.io.get_ref()).only_v6()
    }
}
