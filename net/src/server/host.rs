//! What a server may be told to listen on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The host part of what [`Builder::bind`](super::Builder::bind) takes: a name, an address, or all
/// interfaces.
///
/// Made from texts, addresses of [`std::net`], and options of texts. `None`, as well as the empty text, means
/// all interfaces in both families, IPv4 and IPv6.
///
/// # Examples
///
/// ```
/// use std::net::Ipv6Addr;
///
/// use runtime::net::server::Host;
///
/// assert_eq!(Host::from("localhost"), Host::Name("localhost".to_owned()));
/// assert_eq!(Host::from(Ipv6Addr::LOCALHOST), Host::Ip(Ipv6Addr::LOCALHOST.into()));
/// assert_eq!(Host::from(None), Host::All);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// All interfaces, in both families.
    All,
    /// One address.
    Ip(IpAddr),
    /// A name, for the resolver, or a number that nobody has parsed yet.
    Name(String),
}

impl From<&str> for Host {
    fn from(name: &str) -> Host {
        Host::from(name.to_owned())
    }
}

impl From<&String> for Host {
    fn from(name: &String) -> Host {
        Host::from(name.clone())
    }
}

impl From<String> for Host {
    fn from(name: String) -> Host {
        if name.is_empty() { Host::All } else { Host::Name(name) }
    }
}

impl From<Option<&str>> for Host {
    fn from(name: Option<&str>) -> Host {
        name.map_or(Host::All, Host::from)
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Host {
        Host::Ip(ip)
    }
}

impl From<Ipv4Addr> for Host {
    fn from(ip: Ipv4Addr) -> Host {
        Host::Ip(ip.into())
    }
}

impl From<Ipv6Addr> for Host {
    fn from(ip: Ipv6Addr) -> Host {
        Host::Ip(ip.into())
    }
}
