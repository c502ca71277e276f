//! The options of a socket that neither listens nor is connected yet.

use std::io;
use std::time::Duration;

use super::TcpSocket;
use super::keepalive::Keepalive;

/// Options. More can be reached with `socket2::SockRef::from(&socket)`.
impl TcpSocket {
    /// Allows to bind an address that lingering connections still use (`SO_REUSEADDR`).
    ///
    /// On Windows the option means something else: other programs may take the port away. Leave it off there.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), as for every option.
    pub fn set_reuseaddr(&self, reuse: bool) -> io::Result<()> {
        self.socket.set_reuse_address(reuse)
    }

    /// Whether `SO_REUSEADDR` is set.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2), as for every option.
    pub fn reuseaddr(&self) -> io::Result<bool> {
        self.socket.reuse_address()
    }

    /// Sets the size of the send buffer in bytes (`SO_SNDBUF`). Linux doubles it.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_send_buffer_size(&self, bytes: u32) -> io::Result<()> {
        self.socket.set_send_buffer_size(bytes as usize)
    }

    /// The size of the send buffer in bytes.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.socket.send_buffer_size().map(|bytes| bytes as u32)
    }

    /// Sets the size of the receive buffer in bytes (`SO_RCVBUF`). Linux doubles it.
    ///
    /// Accepted connections inherit it; it has to be set before listening to widen the TCP window.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_recv_buffer_size(&self, bytes: u32) -> io::Result<()> {
        self.socket.set_recv_buffer_size(bytes as usize)
    }

    /// The size of the receive buffer in bytes.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.socket.recv_buffer_size().map(|bytes| bytes as u32)
    }

    /// Turns keepalive probes on or off (`SO_KEEPALIVE`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_keepalive(&self, keepalive: bool) -> io::Result<()> {
        self.socket.set_keepalive(keepalive)
    }

    /// Whether keepalive probes are on.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn keepalive(&self) -> io::Result<bool> {
        self.socket.keepalive()
    }

    /// Turns keepalive probes on and sets their times.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_tcp_keepalive(&self, keepalive: &Keepalive) -> io::Result<()> {
        self.socket.set_tcp_keepalive(&keepalive.to_socket2())
    }

    /// Sends small writes at once instead of gathering them (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.socket.set_tcp_nodelay(nodelay)
    }

    /// Whether `TCP_NODELAY` is set.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn nodelay(&self) -> io::Result<bool> {
        self.socket.tcp_nodelay()
    }

    /// Sets how long closing waits for unsent data (`SO_LINGER`); see
    /// [`TcpStream::set_linger`](super::TcpStream::set_linger).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        self.socket.set_linger(linger)
    }

    /// Has the connection reset when it is dropped; see
    /// [`TcpStream::set_zero_linger`](super::TcpStream::set_zero_linger).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.set_linger(Some(Duration::ZERO))
    }

    /// How long closing waits for unsent data.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.socket.linger()
    }

    /// Sets the type of service of IPv4 packets (`IP_TOS`), 0 to 255.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        self.socket.set_tos_v4(tos)
    }

    /// The type of service of IPv4 packets.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn tos_v4(&self) -> io::Result<u32> {
        self.socket.tos_v4()
    }

    /// Keeps an IPv6 socket from taking IPv4 connections as well (`IPV6_V6ONLY`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); also when the socket is an IPv4 one.
    pub fn set_only_v6(&self, only: bool) -> io::Result<()> {
        self.socket.set_only_v6(only)
    }

    /// Whether an IPv6 socket takes IPv6 connections only.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn only_v6(&self) -> io::Result<bool> {
        self.socket.only_v6()
    }
}
