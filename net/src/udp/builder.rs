//! What to set before a socket is bound.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

use super::UdpSocket;
use crate::addr::{self, ToSocketAddrs, sealed::Target};
use crate::attempts::Attempts;

type Setting = Box<dyn Fn(&Socket, SocketAddr) -> io::Result<()> + Send + Sync>;

/// Describes a socket: options, groups to join, a peer; from [`UdpSocket::builder`].
///
/// What the system refuses is an error of [`bind`](Builder::bind) or [`open`](Builder::open). What has not
/// been said is left as the system has it.
///
/// # Examples
///
/// One of several programs on a host that listen to the same group:
///
/// ```
/// use std::net::Ipv4Addr;
/// use runtime::net::UdpSocket;
///
/// # fn main() -> std::io::Result<()> {
/// # runtime::run(async {
/// # let (group, interface, port) = (Ipv4Addr::new(224, 0, 0, 251), Ipv4Addr::LOCALHOST, 0);
/// # if std::net::UdpSocket::bind("0.0.0.0:0")?.join_multicast_v4(&group, &interface).is_err() {
/// #     return Ok(()); // no multicast here
/// # }
/// let socket = UdpSocket::builder()
///     .reuse_address(true)
///     .multicast_v4(group, interface)
///     .bind((Ipv4Addr::UNSPECIFIED, port))
///     .await?;
/// # drop(socket);
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Default)]
#[must_use = "a builder does nothing until `bind` or `open`"]
pub struct Builder {
    /// Set in this order, before the socket is bound.
    options: Vec<Setting>,
    /// Joined in this order, once it is bound.
    groups: Vec<Group>,
    remote: Option<io::Result<Target>>,
}

#[derive(Clone, Copy, Debug)]
enum Group {
    V4(Ipv4Addr, Ipv4Addr),
    V6(Ipv6Addr, u32),
}

impl Builder {
    /// Lets other sockets bind the address too (`SO_REUSEADDR`); all of them have to say so.
    ///
    /// What is sent to a group or by broadcast reaches all of them, anything else one, as a rule the last
    /// that was bound. That is what several listeners to one group want; a server of anything else is better
    /// off without: a second copy of it would take its clients away. On Windows any program of the user may
    /// then take the port.
    pub fn reuse_address(self, reuse: bool) -> Builder {
        self.set(move |socket, _| socket.set_reuse_address(reuse))
    }

    /// Allows to send to broadcast addresses (`SO_BROADCAST`).
    pub fn broadcast(self, broadcast: bool) -> Builder {
        self.set(move |socket, _| socket.set_broadcast(broadcast))
    }

    /// Has a socket that is bound to an IPv6 address leave IPv4 alone, or take its datagrams as well
    /// (`IPV6_V6ONLY`).
    ///
    /// Systems differ in the default. Means nothing to a socket of IPv4.
    pub fn v6only(self, only: bool) -> Builder {
        self.set(
            move |socket, local| if local.is_ipv6() { socket.set_only_v6(only) } else { Ok(()) },
        )
    }

    /// Sets the size of the send buffer in bytes (`SO_SNDBUF`).
    ///
    /// Linux doubles it, and cuts it at `net.core.wmem_max`.
    pub fn send_buffer_size(self, bytes: u32) -> Builder {
        self.set(move |socket, _| socket.set_send_buffer_size(bytes as usize))
    }

    /// Sets the size of the receive buffer in bytes (`SO_RCVBUF`); what arrives when it is full is lost.
    ///
    /// Linux doubles it, and cuts it at `net.core.rmem_max`.
    pub fn recv_buffer_size(self, bytes: u32) -> Builder {
        self.set(move |socket, _| socket.set_recv_buffer_size(bytes as usize))
    }

    /// Sets the time to live of packets, 1 to 255 hops (`IP_TTL`, `IPV6_UNICAST_HOPS`).
    pub fn ttl(self, hops: u32) -> Builder {
        self.set(move |socket, local| match local {
            SocketAddr::V4(_) => socket.set_ttl_v4(hops),
            SocketAddr::V6(_) => socket.set_unicast_hops_v6(hops),
        })
    }

    /// Joins a multicast group on an interface of the system's choice.
    ///
    /// May be said several times, like the next two. The address to bind is as a rule the unspecified one of
    /// the group's family and the group's port.
    pub fn multicast(self, group: IpAddr) -> Builder {
        match group {
            IpAddr::V4(group) => self.multicast_v4(group, Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(group) => self.multicast_v6(group, 0),
        }
    }

    /// Joins a multicast group of IPv4 on the interface that has an address; unspecified for one of the
    /// system's choice.
    pub fn multicast_v4(mut self, group: Ipv4Addr, interface: Ipv4Addr) -> Builder {
        self.groups.push(Group::V4(group, interface));
        self
    }

    /// Joins a multicast group of IPv6 on the interface of an index; 0 for one of the system's choice.
    pub fn multicast_v6(mut self, group: Ipv6Addr, interface: u32) -> Builder {
        self.groups.push(Group::V6(group, interface));
        self
    }

    /// Connects the socket to the first address that works; see [`UdpSocket::connect`].
    pub fn remote(mut self, address: impl ToSocketAddrs) -> Builder {
        self.remote = Some(address.target());
        self
    }

    /// Makes the socket, bound to the first address that works.
    ///
    /// With a [`remote`](Builder::remote) it is the first pair that works of a remote address and a local one
    /// of its family.
    ///
    /// # Errors
    ///
    /// Those of setsockopt(2), bind(2) and connect(2), for every address: the error has the kind of the last
    /// cause and holds an [`AttemptsError`](crate::AttemptsError). Errors of the name look-up are those of
    /// [`lookup_host`](crate::lookup_host). It is also an error to call this outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is bound unless the socket is returned.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::UdpSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let socket = UdpSocket::builder().broadcast(true).bind("0.0.0.0:0").await?;
    ///     assert!(socket.broadcast()?);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn bind(mut self, address: impl ToSocketAddrs) -> io::Result<UdpSocket> {
        let target = address.target()?;
        let remote = self.remote.take().transpose()?;
        let locals: Vec<_> = addr::resolve(target).await?.collect();
        match remote {
            Some(remote) => self.connected(remote, &locals).await,
            None => self.bound(&locals),
        }
    }

    /// Makes the socket, bound to a free port of all interfaces.
    ///
    /// It is of the family of the [`remote`](Builder::remote) address, and of IPv4 if there is none.
    ///
    /// # Errors
    ///
    /// As [`bind`](Builder::bind).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is bound unless the socket is returned.
    ///
    /// # Examples
    ///
    /// A client of one server:
    ///
    /// ```
    /// use runtime::net::UdpSocket;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let server = UdpSocket::bind("127.0.0.1:0").await?;
    ///     let client = UdpSocket::builder().remote(server.local_addr()?).open().await?;
    ///     client.send(b"hello").await?;
    ///     let (len, peer) = server.recv_from(&mut [0; 16]).await?;
    ///     assert_eq!((len, peer), (5, client.local_addr()?));
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn open(mut self) -> io::Result<UdpSocket> {
        let v4 = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let v6 = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
        match self.remote.take().transpose()? {
            Some(remote) => self.connected(remote, &[v4, v6]).await,
            None => self.bound(&[v4]),
        }
    }

    pub(super) fn set(
        mut self,
        option: impl Fn(&Socket, SocketAddr) -> io::Result<()> + Send + Sync + 'static,
    ) -> Builder {
        self.options.push(Box::new(option));
        self
    }

    fn bound(&self, locals: &[SocketAddr]) -> io::Result<UdpSocket> {
        let mut attempts = Attempts::to("bind to");
        for local in locals {
            match self.bind_one(*local).and_then(finish) {
                Ok(socket) => return Ok(socket),
                Err(cause) => attempts.failed(*local, cause),
            }
        }
        Err(attempts.into_error())
    }

    async fn connected(self, remote: Target, locals: &[SocketAddr]) -> io::Result<UdpSocket> {
        let mut attempts = Attempts::to("connect to");
        for remote in addr::resolve(remote).await? {
            let mut of_family =
                locals.iter().filter(|local| local.is_ipv4() == remote.is_ipv4()).peekable();
            if of_family.peek().is_none() {
                let text = "no local address is of its family";
                attempts.failed(remote, io::Error::new(io::ErrorKind::InvalidInput, text));
            }
            for local in of_family {
                match self.pair(remote, *local) {
                    Ok(socket) => return Ok(socket),
                    Err(cause) => attempts.failed(remote, cause),
                }
            }
        }
        Err(attempts.into_error())
    }

    fn pair(&self, remote: SocketAddr, local: SocketAddr) -> io::Result<UdpSocket> {
        let socket = self.bind_one(local)?;
        socket.connect(&remote.into())?;
        finish(socket)
    }

    fn bind_one(&self, local: SocketAddr) -> io::Result<Socket> {
        let socket = Socket::new(Domain::for_address(local), Type::DGRAM, Some(Protocol::UDP))?;
        for option in &self.options {
            option(&socket, local)?;
        }
        socket.bind(&local.into())?;
        for group in &self.groups {
            match group {
                Group::V4(group, interface) => socket.join_multicast_v4(group, interface)?,
                Group::V6(group, interface) => socket.join_multicast_v6(group, *interface)?,
            }
        }
        Ok(socket)
    }
}

fn finish(socket: Socket) -> io::Result<UdpSocket> {
    UdpSocket::from_std(socket.into())
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("options", &self.options.len())
            .field("groups", &self.groups)
            .field("remote", &self.remote)
            .finish()
    }
}
