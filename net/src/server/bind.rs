//! From hosts and ports to sockets that listen, or are about to.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use super::Host;
use super::reuse_port;
use crate::addr::{self, ToSocketAddrs};
use crate::attempts::Attempts;
use crate::sys;
use crate::tcp::{TcpListener, TcpSocket};

/// How often a port that is free in one family, and taken in another, is given back for a new one.
const TRIES: u32 = 64;

/// How the sockets of a server are set up.
pub(super) struct Options {
    pub(super) backlog: u32,
    pub(super) reuse_address: bool,
    pub(super) reuse_port: bool,
    pub(super) configure: Option<Box<dyn Fn(&TcpSocket) -> io::Result<()>>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            // Every system cuts it down to its limit.
            backlog: u32::MAX,
            reuse_address: sys::REUSE_ADDRESS,
            reuse_port: false,
            configure: None,
        }
    }
}

/// What makes of a TCP listener what the server accepts from, and of its address that of the latter.
pub(super) struct Wrap<L: super::Listener> {
    pub(super) listener: Rc<dyn Fn(TcpListener) -> L>,
    pub(super) addr: fn(SocketAddr) -> L::Addr,
}

impl<L: super::Listener> Clone for Wrap<L> {
    fn clone(&self) -> Wrap<L> {
        Wrap { listener: self.listener.clone(), addr: self.addr }
    }
}

/// A socket that has its address and does not listen yet.
pub(super) struct Bound<L: super::Listener> {
    pub(super) socket: TcpSocket,
    pub(super) backlog: u32,
    pub(super) wrap: Wrap<L>,
}

impl<L: super::Listener> Bound<L> {
    pub(super) fn listen(self) -> io::Result<L> {
        let address = self.socket.local_addr()?;
        match self.socket.listen(self.backlog) {
            Ok(listener) => Ok((self.wrap.listener)(listener)),
            Err(cause) => {
                // Somebody with SO_REUSEADDR can bind the address as well, and listen first.
                let mut attempts = Attempts::to("listen on");
                attempts.failed(address, cause);
                Err(attempts.into_error())
            }
        }
    }
}

/// A socket that listens, or one that will.
pub(super) enum Opened {
    Listening(TcpListener),
    Bound(TcpSocket),
}

impl Opened {
    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Opened::Listening(listener) => listener.local_addr(),
            Opened::Bound(socket) => socket.local_addr(),
        }
    }
}

/// What the addresses of a host are, each once.
pub(super) async fn resolve(host: Host, port: u16) -> io::Result<Vec<SocketAddr>> {
    let target = match host {
        Host::All => {
            return Ok(vec![
                SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
                SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
            ]);
        }
        Host::Ip(ip) => return Ok(vec![SocketAddr::from((ip, port))]),
        Host::Name(name) => target((name, port))?,
    };
    self::addresses(target).await
}

/// The addresses behind a target, each once.
pub(super) async fn addresses(target: addr::sealed::Target) -> io::Result<Vec<SocketAddr>> {
    let mut addresses = Vec::new();
    for address in addr::resolve(target).await? {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

fn target(address: impl ToSocketAddrs) -> io::Result<addr::sealed::Target> {
    address.target()
}

/// Opens all the addresses of a host. Where the port is up to the system, all of them get the same.
///
/// An address of a family that the machine has not got, or has not got that address in, is left out as long
/// as another one works.
pub(super) fn open(
    addresses: &[SocketAddr],
    options: &Options,
    listen: bool,
) -> io::Result<Vec<Opened>> {
    let mut tries = 0;
    loop {
        let mut opened = Vec::new();
        let mut port = 0;
        let mut attempts = Attempts::to("listen on");
        let mut missing = 0;
        let mut taken = false;
        for &address in addresses {
            let mut wanted = address;
            if wanted.port() == 0 {
                wanted.set_port(port);
            }
            match open_one(wanted, options, listen) {
                Ok(socket) => {
                    port = socket.local_addr()?.port();
                    opened.push(socket);
                }
                Err(cause) => {
                    missing += usize::from(is_missing(&cause));
                    // A port that the system has chosen for another family.
                    taken |= address.port() == 0
                        && port != 0
                        && cause.kind() == io::ErrorKind::AddrInUse;
                    attempts.failed(wanted, cause);
                }
            }
        }
        if opened.len() + missing == addresses.len() && !opened.is_empty() {
            return Ok(opened);
        }
        tries += 1;
        if !taken || tries == TRIES {
            return Err(attempts.into_error());
        }
    }
}

fn open_one(address: SocketAddr, options: &Options, listen: bool) -> io::Result<Opened> {
    let socket = TcpSocket::new_for(address)?;
    if options.reuse_address {
        socket.set_reuseaddr(true)?;
    }
    if options.reuse_port {
        reuse_port::set(&socket)?;
    }
    if address.is_ipv6() {
        // Else it would take the IPv4 connections, too, or find their port taken.
        socket.set_only_v6(true)?;
    }
    if let Some(configure) = &options.configure {
        configure(&socket)?;
    }
    socket.bind(address)?;
    if listen {
        socket.listen(options.backlog).map(Opened::Listening)
    } else {
        Ok(Opened::Bound(socket))
    }
}

/// Whether the machine has not got the address, or the whole family.
fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable || sys::is_family_missing(error)
}
