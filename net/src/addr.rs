//! Turns what people write as an address into socket addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::vec;

use runtime_core::Handle;

use self::sealed::{Address, Target};

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
/// Names are resolved by the system's resolver (`getaddrinfo`) on the blocking pool; numbers are parsed at once and
/// never leave the thread. The order is the resolver's (RFC 6724), which is the order to try them in.
///
/// # Errors
///
/// [`InvalidInput`](io::ErrorKind::InvalidInput) when the text is no address or its port no number, the resolver's
/// own error when it does not know the name, and an error for a name outside a loop or when the blocking pool has been shut
/// down.
///
/// # Cancel safety
///
/// Cancel safe. A look-up already under way on the blocking pool runs to its end and its result is thrown away.
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
        Target::Name { host, port } => by_name(host, port).await,
    }
}

async fn by_name(host: String, port: u16) -> io::Result<Addrs> {
    let handle = Handle::try_current().map_err(io::Error::other)?;
    let lookup = handle.spawn_blocking(move || {
        std::net::ToSocketAddrs::to_socket_addrs(&(host.as_str(), port)).map_err(|error| {
            io::Error::new(error.kind(), format!("could not look up `{host}`: {error}"))
        })
    });
    match lookup.await {
        Ok(found) => found.map(Addrs::Many),
        Err(error) => Err(io::Error::other(format!("the name look-up did not run: {error}"))),
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
        match number(host) {
            Some(ip) => known((ip, port)),
            None => Ok(Target::Name { host: host.to_owned(), port }),
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

/// Reads a host that is a number, also in the brackets that URLs put around IPv6.
fn number(host: &str) -> Option<IpAddr> {
    if let Ok(ip) = host.parse() {
        return Some(ip);
    }
    let inside = host.strip_prefix('[')?.strip_suffix(']')?;
    inside.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
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
        assert_eq!(addresses((String::from("10.0.0.1"), 80)), ["10.0.0.1:80"]);
        assert_eq!(addresses((Ipv4Addr::LOCALHOST, 1)), ["127.0.0.1:1"]);
    }

    #[test]
    fn names_keep_their_port() {
        assert_eq!(addresses("example.org:443"), ["name example.org port 443"]);
        let text = String::from("a.b:1");
        assert_eq!(addresses(&text), ["name a.b port 1"]);
        assert_eq!(addresses(text), ["name a.b port 1"]);
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
