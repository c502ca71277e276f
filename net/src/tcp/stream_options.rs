//! The options of a connected socket.

use std::io;
use std::time::Duration;

use socket2::SockRef;

use super::TcpStream;
use super::keepalive::Keepalive;

/// Options. More options can be reached with `socket2::SockRef::from(&stream)`.
impl TcpStream {
    /// Takes the pending error off the socket (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.get_ref().take_error()
    }

    /// Sends small writes at once instead of gathering them (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.io.get_ref().set_nodelay(nodelay)
    }

    /// Whether `TCP_NODELAY` is set.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn nodelay(&self) -> io::Result<bool> {
        self.io.get_ref().nodelay()
    }

    /// Sets the time to live of packets, 1 to 255 hops (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        self.io.get_ref().set_ttl(hops)
    }

    /// The time to live of packets, in hops.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.get_ref().ttl()
    }

    /// Sets how long closing waits for unsent data (`SO_LINGER`, whole seconds).
    ///
    /// `None`, the default, closes in the background. Zero throws unsent data away and resets the connection.
    /// **Any other duration makes dropping the stream block the whole loop for up to that time.**
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_linger(linger)
    }

    /// Has the connection reset when the stream is dropped; what has not been sent by then is thrown away.
    ///
    /// It is [`set_linger`](TcpStream::set_linger) with the one duration that never blocks.
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
        SockRef::from(self.io.get_ref()).linger()
    }

    /// Turns keepalive probes on or off (`SO_KEEPALIVE`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_keepalive(&self, keepalive: bool) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_keepalive(keepalive)
    }

    /// Whether keepalive probes are on.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn keepalive(&self) -> io::Result<bool> {
        SockRef::from(self.io.get_ref()).keepalive()
    }

    /// Turns keepalive probes on and sets their times.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_tcp_keepalive(&self, keepalive: &Keepalive) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_tcp_keepalive(&keepalive.to_socket2())
    }

    /// Sets the size of the send buffer in bytes (`SO_SNDBUF`). Linux doubles it.
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

    /// Sets the size of the receive buffer in bytes (`SO_RCVBUF`). Linux doubles it.
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
}
