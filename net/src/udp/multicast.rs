//! Multicast: groups, and the options of what is sent to them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use socket2::SockRef;

use super::UdpSocket;

/// Multicast.
impl UdpSocket {
    /// Joins a multicast group of IPv4 (`IP_ADD_MEMBERSHIP`).
    ///
    /// `interface` is the address of the interface to listen on; unspecified for one of the system's choice.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), as for a group that has been joined there already, or an address that is none
    /// of a group.
    ///
    /// # Examples
    ///
    /// Finding printers by multicast DNS (RFC 6762):
    ///
    /// ```no_run
    /// use std::net::Ipv4Addr;
    /// use runtime::net::UdpSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # runtime::run(async {
    /// let socket = UdpSocket::builder().reuse_address(true).bind("0.0.0.0:5353").await?;
    /// socket.join_multicast_v4(Ipv4Addr::new(224, 0, 0, 251), Ipv4Addr::UNSPECIFIED)?;
    /// let mut buf = [0; 9000];
    /// let (len, printer) = socket.recv_from(&mut buf).await?;
    /// println!("{printer} announces itself in {len} bytes");
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    pub fn join_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.io.get_ref().join_multicast_v4(&group, &interface)
    }

    /// Leaves a multicast group of IPv4 (`IP_DROP_MEMBERSHIP`); the interface is said as when it was joined.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), as for a group that has not been joined there.
    pub fn leave_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.io.get_ref().leave_multicast_v4(&group, &interface)
    }

    /// Joins a multicast group of IPv6 (`IPV6_JOIN_GROUP`).
    ///
    /// `interface` is the index of the interface to listen on; 0 for one of the system's choice.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), as for a group that has been joined there already, or an address that is none
    /// of a group.
    pub fn join_multicast_v6(&self, group: Ipv6Addr, interface: u32) -> io::Result<()> {
        self.io.get_ref().join_multicast_v6(&group, interface)
    }

    /// Leaves a multicast group of IPv6 (`IPV6_LEAVE_GROUP`); the interface is said as when it was joined.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), as for a group that has not been joined there.
    pub fn leave_multicast_v6(&self, group: Ipv6Addr, interface: u32) -> io::Result<()> {
        self.io.get_ref().leave_multicast_v6(&group, interface)
    }

    /// Has this host receive what is sent to groups (`IP_MULTICAST_LOOP`), which is so by default.
    ///
    /// It is the sender's option; on Windows the receiver's.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_multicast_loop_v4(&self, looping: bool) -> io::Result<()> {
        self.io.get_ref().set_multicast_loop_v4(looping)
    }

    /// Whether this host receives what is sent to groups.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.io.get_ref().multicast_loop_v4()
    }

    /// Has this host receive what is sent to groups of IPv6 (`IPV6_MULTICAST_LOOP`), which is so by default.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); also when the socket is an IPv4 one.
    pub fn set_multicast_loop_v6(&self, looping: bool) -> io::Result<()> {
        self.io.get_ref().set_multicast_loop_v6(looping)
    }

    /// Whether this host receives what is sent to groups of IPv6.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.io.get_ref().multicast_loop_v6()
    }

    /// Sets the time to live of packets to groups, 0 to 255 hops (`IP_MULTICAST_TTL`).
    ///
    /// It is 1 by default, which stays in the local network.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_multicast_ttl_v4(&self, hops: u32) -> io::Result<()> {
        self.io.get_ref().set_multicast_ttl_v4(hops)
    }

    /// The time to live of packets to groups in hops.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.io.get_ref().multicast_ttl_v4()
    }

    /// Sets the hop limit of packets to groups of IPv6, 0 to 255 (`IPV6_MULTICAST_HOPS`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); also when the socket is an IPv4 one.
    pub fn set_multicast_hops_v6(&self, hops: u32) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_multicast_hops_v6(hops)
    }

    /// The hop limit of packets to groups of IPv6.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn multicast_hops_v6(&self) -> io::Result<u32> {
        SockRef::from(self.io.get_ref()).multicast_hops_v6()
    }

    /// Chooses the interface to send to groups by, by its address (`IP_MULTICAST_IF`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2).
    pub fn set_multicast_if_v4(&self, interface: Ipv4Addr) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_multicast_if_v4(&interface)
    }

    /// The address of the interface to send to groups by; unspecified for the system's choice.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    pub fn multicast_if_v4(&self) -> io::Result<Ipv4Addr> {
        SockRef::from(self.io.get_ref()).multicast_if_v4()
    }

    /// Chooses the interface to send to groups of IPv6 by, by its index (`IPV6_MULTICAST_IF`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2); also when the socket is an IPv4 one.
    pub fn set_multicast_if_v6(&self, interface: u32) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).set_multicast_if_v6(interface)
    }

    /// The index of the interface to send to groups of IPv6 by; 0 for the system's choice.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2); also when the socket is an IPv4 one.
    pub fn multicast_if_v6(&self) -> io::Result<u32> {
        SockRef::from(self.io.get_ref()).multicast_if_v6()
    }
}
