//! Turns what people write as an address into socket addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::vec;

use self::sealed::{Address, Target};
use crate::lookup;

/// Converts or resolves to one or more socket addresses, without blocking the loop.
///
/// Implemented for what [`std::net::ToSocketAddrs`] takes: socket addresses, `(ip, port)` and `(host, port)`
/// pairs, `"host:port"` strings, slices of socket addresses, and references to these. A host that is a number
/// (`127.0.0.1`, `::1`, `[::1]`) is never given to the resolver; a name is looked up on the blocking pool.
///
/// The trait is sealed: it cannot be implemented outside this crate, so that it can grow.
///
/// # Examples
///
/// ```
/// use runtime::net::{TcpListener, ToSocketAddrs};
///
/// /// A function that takes every kind of address, as the ones of this crate do.
/// async fn serve(address: impl ToSocketAddrs) -> std::io::Result<TcpListener> {
///     TcpListener::bind(address).await
/// }
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     serve("127.0.0.1:0").await?;
///     serve(("127.0.0.1", 0)).await?;
///     serve(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await?;
///     Ok(())
/// })
/// # }
/// ```
pub trait ToSocketAddrs: Address {}

impl<A: Address + ?Sized> ToSocketAddrs for A {}

/// Looks up the socket addresses of `host`.
///
/// Names are resolved by the system's resolver (`getaddrinfo`) on the blocking pool; numbers are parsed at
/// once and never leave the thread. The order is the resolver's (RFC 6724), which is the order to try them
/// in.
///
/// # Errors
///
/// [`InvalidInput`](io::ErrorKind::InvalidInput) when the text is no address or its port no number, the
/// resolver's own error when it does not know the name, and an error for a name outside a loop or when the
/// blocking pool has been shut down.
///
/// # Cancel safety
///
/// Cancel safe. Once the future is dropped, a look-up that has not begun never does; one that the resolver is
/// busy with goes on for nobody, and neither keeps the loop from ending nor the process from exiting.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     for address in runtime::net::lookup_host("localhost:80").await? {
///         println!("localhost is {}", address.ip());
///     }
///     Ok(())
/// })
/// # }
/// ```
pub async fn lookup_host(
    host: impl ToSocketAddrs,
) -> io::Result<impl Iterator<Item = SocketAddr> + Send> {
    resolve(host.target()?).await
}

/// Finds the addresses behind `target`; asks the resolver only for a name.
pub(crate) async fn resolve(target: Target) -> io::Result<Addrs> {
    match target {
        Target::Known(addrs) => Ok(addrs),
        Target::Name { host, port } => {
            let found = lookup::addresses(host, port).await?;
            Ok(Addrs::Many(found.into_iter()))
        }
    }
}

/// The addresses found, in the order to try them.
///
/// One is by far the commonest number, and costs no allocation.
#[derive(Debug)]
pub enum Addrs {
    One(Option<SocketAddr>),
    Many(vec::IntoIter<SocketAddr>),
}

impl Iterator for Addrs {
    type Item = SocketAddr;

    fn next(&mut self) -> Option<SocketAddr> {
        match self {
            Addrs::One(address) => address.take(),
            Addrs::Many(addresses) => addresses.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self {
            Addrs::One(address) => usize::from(address.is_some()),
            Addrs::Many(addresses) => addresses.len(),
        };
        (left, Some(left))
    }
}

/// Keeps the traits and types that `ToSocketAddrs` is made of out of reach.
pub(crate) mod sealed {
    use std::io;

    use super::Addrs;

    /// What an address asks for before anything has waited.
    #[derive(Debug)]
    pub enum Target {
        /// Socket addresses that need no look-up.
        Known(Addrs),
        /// A host name for the resolver.
        Name { host: String, port: u16 },
    }

    /// The hidden half of `ToSocketAddrs`.
    pub trait Address {
        fn target(&self) -> io::Result<Target>;
    }
}

fn known(address: impl Into<SocketAddr>) -> io::Result<Target> {
    Ok(Target::Known(Addrs::One(Some(address.into()))))
}

impl Address for SocketAddr {
    fn target(&self) -> io::Result<Target> {
        known(*self)
    }
}

impl Address for SocketAddrV4 {
    fn target(&self) -> io::Result<Target> {
        known(*self)
    }
}

impl Address for SocketAddrV6 {
    fn target(&self) -> io::Result<Target> {
        known(*self)
    }
}

impl Address for (IpAddr, u16) {
    fn target(&self) -> io::Result<Target> {
        known(*self)
    }
}

impl Address for (Ipv4Addr, u16) {
    fn target(&self) -> io::Result<Target> {
        known(*self)
    }
}

impl Address for (Ipv6Addr, u16) {
    fn target(&self) -> io::Result<Target> {
        known(*self)
    }
}

impl Address for [SocketAddr] {
    fn target(&self) -> io::Result<Target> {
        Ok(Target::Known(Addrs::Many(Vec::from(self).into_iter())))
    }
}

impl<const N: usize> Address for [SocketAddr; N] {
    fn target(&self) -> io::Result<Target> {
        self.as_slice().target()
    }
}

impl Address for (&str, u16) {
    fn target(&self) -> io::Result<Target> {
        let (host, port) = *self;
        match number(host, port) {
            Some(address) => known(address),
            None => Ok(Target::Name { host: unbracketed(host).to_owned(), port }),
        }
    }
}

impl Address for (String, u16) {
    fn target(&self) -> io::Result<Target> {
        (self.0.as_str(), self.1).target()
    }
}

impl Address for str {
    fn target(&self) -> io::Result<Target> {
        if let Ok(address) = self.parse::<SocketAddr>() {
            return known(address);
        }
        let Some((host, port)) = self.rsplit_once(':') else {
            return Err(malformed(self, "no port; write `host:port`"));
        };
        let Ok(port) = port.parse::<u16>() else {
            return Err(malformed(self, "the port is not a number from 0 to 65535"));
        };
        (host, port).target()
    }
}

impl Address for String {
    fn target(&self) -> io::Result<Target> {
        self.as_str().target()
    }
}

impl<A: Address + ?Sized> Address for &A {
    fn target(&self) -> io::Result<Target> {
        (**self).target()
    }
}

/// Reads a host that is a number, also in the brackets that URLs put around IPv6, and with the number of a
/// scope (`fe80::1%2`).
fn number(host: &str, port: u16) -> Option<SocketAddr> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Some((ip, port).into());
    }
    let host = unbracketed(host);
    let (ip, scope) = host.split_once('%').unwrap_or((host, "0"));
    Some(SocketAddrV6::new(ip.parse().ok()?, port, 0, scope.parse().ok()?).into())
}

fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

fn malformed(text: &str, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{text}` is not a socket address: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(address: impl ToSocketAddrs) -> Vec<String> {
        match address.target().expect("an address") {
            Target::Known(addrs) => addrs.map(|address| address.to_string()).collect(),
            Target::Name { host, port } => vec![format!("name {host} port {port}")],
        }
    }

    #[test]
    fn numbers_need_no_resolver() {
        assert_eq!(addresses("127.0.0.1:80"), ["127.0.0.1:80"]);
        assert_eq!(addresses("[::1]:80"), ["[::1]:80"]);
        assert_eq!(addresses(("::1", 80)), ["[::1]:80"]);
        assert_eq!(addresses(("[::1]", 80)), ["[::1]:80"]);
        assert_eq!(addresses(("fe80::1%2", 80)), ["[fe80::1%2]:80"]);
        assert_eq!(addresses(("[fe80::1%2]", 80)), ["[fe80::1%2]:80"]);
        assert_eq!(addresses("[fe80::1%2]:80"), ["[fe80::1%2]:80"]);
        assert_eq!(addresses((String::from("10.0.0.1"), 80)), ["10.0.0.1:80"]);
        assert_eq!(addresses((Ipv4Addr::LOCALHOST, 1)), ["127.0.0.1:1"]);
    }

    #[test]
    fn names_keep_their_port() {
        assert_eq!(addresses("example.org:443"), ["name example.org port 443"]);
        let text = String::from("a.b:1");
        assert_eq!(addresses(&text), ["name a.b port 1"]);
        assert_eq!(addresses(text), ["name a.b port 1"]);
        assert_eq!(addresses("[fe80::1%eth0]:1"), ["name fe80::1%eth0 port 1"]);
    }

    #[test]
    fn slices_keep_their_order() {
        let both: [SocketAddr; 2] =
            [(Ipv6Addr::LOCALHOST, 1).into(), (Ipv4Addr::LOCALHOST, 2).into()];
        assert_eq!(addresses(&both[..]), ["[::1]:1", "127.0.0.1:2"]);
        assert_eq!(addresses(both), ["[::1]:1", "127.0.0.1:2"]);
    }

    #[test]
    fn malformed_text_is_invalid_input() {
        for text in ["", "localhost", "localhost:", "localhost:http", "localhost:65536"] {
            let error = text.target().expect_err("no address");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{text}");
        }
    }
}
