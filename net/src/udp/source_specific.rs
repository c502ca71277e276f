//! Multicast of which only one sender is heard (RFC 4607).

use std::io;
use std::net::Ipv4Addr;

use socket2::SockRef;

use super::UdpSocket;

/// Source-specific multicast.
impl UdpSocket {
    /// Joins a multicast group of IPv4 for what one source sends to it (`IP_ADD_SOURCE_MEMBERSHIP`).
    ///
    /// `interface` is the address of the interface to listen on; unspecified for one of the system's choice.
    /// May be called again for other sources of the group.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), as when the group has been joined for every source.
    pub fn join_ssm_v4(
        &self,
        source: Ipv4Addr,
        group: Ipv4Addr,
        interface: Ipv4Addr,
    ) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).join_ssm_v4(&source, &group, &interface)
    }

    /// Leaves a multicast group of IPv4 as to one source (`IP_DROP_SOURCE_MEMBERSHIP`).
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), as for a source that has not been joined there.
    pub fn leave_ssm_v4(
        &self,
        source: Ipv4Addr,
        group: Ipv4Addr,
        interface: Ipv4Addr,
    ) -> io::Result<()> {
        SockRef::from(self.io.get_ref()).leave_ssm_v4(&source, &group, &interface)
    }
}
