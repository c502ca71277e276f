//! Options that only Linux and Android have.

use std::io;

use socket2::SockRef;

use super::{Builder, UdpSocket};

impl Builder {
    /// Binds the socket to a network interface, by name (`SO_BINDTODEVICE`).
    pub fn bind_device(self, interface: impl Into<Vec<u8>>) -> Builder {
        let interface = interface.into();
        self.set(move |socket, _| socket.bind_device(Some(&interface)))
    }
}

impl UdpSocket {
    /// Sets the traffic class of IPv6 packets (`IPV6_TCLASS`), 0 to 255.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); also when the socket is an IPv4 one.
    pub fn set_tclass_v6(&self, class: u32) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_tclass_v6(class)
    }

    /// The traffic class of IPv6 packets.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn tclass_v6(&self) -> io::Result<u32> {
        SockRef::from(self.io.get_ref()).tclass_v6()
    }

    /// Binds the socket to a network interface, by name (`SO_BINDTODEVICE`); `None` undoes it.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); older kernels ask for `CAP_NET_RAW`.
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).bind_device(interface)
    }

    /// The name of the network interface that the socket is bound to.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        SockRef::from(self.io.get_ref()).device()
    }

    /// Has the socket receive from every group that any socket of the host has joined (`IP_MULTICAST_ALL`),
    /// which is so by default, or from its own alone.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_multicast_all_v4(&self, all: bool) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_multicast_all_v4(all)
    }

    /// Whether the socket receives from every group that any socket of the host has joined.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn multicast_all_v4(&self) -> io::Result<bool> {
        SockRef::from(self.io.get_ref()).multicast_all_v4()
    }
}
