//! Options that only Linux and Android have.

use std::io;
use std::time::Duration;

use socket2::SockRef;

use super::{TcpSocket, TcpStream};

impl TcpStream {
    /// Acknowledges data at once instead of waiting for something to send along (`TCP_QUICKACK`).
    ///
    /// The kernel turns it off again by itself; set it after each read that matters.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_tcp_quickack(quickack)
    }

    /// Whether data is acknowledged at once for now.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn quickack(&self) -> io::Result<bool> {
        SockRef::from(self.io.get_ref()).tcp_quickack()
    }

    /// Sets how long sent data may stay unacknowledged before the connection is given up (`TCP_USER_TIMEOUT`,
    /// milliseconds); `None` for the system's default.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_user_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_tcp_user_timeout(timeout)
    }

    /// How long sent data may stay unacknowledged; `None` for the system's default.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn user_timeout(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self.io.get_ref()).tcp_user_timeout()
    }
}

impl TcpSocket {
    /// Sets the traffic class of IPv6 packets (`IPV6_TCLASS`), 0 to 255.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); also when the socket is an IPv4 one.
    pub fn set_tclass_v6(&self, class: u32) -> io::Result<()> {
        self.socket.set_tclass_v6(class)
    }

    /// The traffic class of IPv6 packets.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn tclass_v6(&self) -> io::Result<u32> {
        self.socket.tclass_v6()
    }

    /// Binds the socket to a network interface, by name (`SO_BINDTODEVICE`); `None` undoes it.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); older kernels ask for `CAP_NET_RAW`.
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        self.socket.bind_device(interface)
    }

    /// The name of the network interface that the socket is bound to.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        self.socket.device()
    }
}
