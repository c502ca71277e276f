//! Where a server is, and how a client gets there.

use std::{net::Ipv4Addr, net::SocketAddr};

use clap::Args;
use socket2::{Domain, SockAddr, Socket, Type};

/// A port of the loopback, or a name in the abstract namespace of Unix sockets.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Place {
    /// The server's port on this machine.
    #[arg(long)]
    port: Option<u16>,
    /// The abstract name of the server's Unix socket.
    #[arg(long)]
    name: Option<String>,
}

impl Place {
    /// A port of this machine.
    pub(crate) fn of_port(port: u16) -> Self {
        Self { port: Some(port), name: None }
    }

    /// An abstract name.
    pub(crate) fn of_name(name: String) -> Self {
        Self { port: None, name: Some(name) }
    }

    /// The command line that says the same.
    pub(super) fn arguments(&self) -> Vec<String> {
        match &self.name {
            Some(name) => vec!["--name".to_owned(), name.clone()],
            None => vec!["--port".to_owned(), self.port().to_string()],
        }
    }

    /// The port; there is one unless there is a name.
    pub(super) fn port(&self) -> u16 {
        self.port.expect("a server without a name has a port")
    }

    /// Connects; over TCP by way of one of many loopback addresses, so that closed connections do not use up
    /// the ports.
    pub(super) fn open(&self, number: u64) -> Socket {
        let (domain, address) = match &self.name {
            Some(name) => (Domain::UNIX, SockAddr::unix(format!("\0{name}")).expect("it is short")),
            None => {
                let last = 1 + (number / 1000 % 200) as u8;
                let address = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), self.port()));
                (Domain::IPV4, address.into())
            }
        };
        let stream = Socket::new(domain, Type::STREAM, None).expect("a socket can be made");
        stream.connect(&address).expect("the server listens");
        if self.name.is_none() {
            stream.set_tcp_nodelay(true).expect("TCP has TCP_NODELAY");
        }
        stream
    }
}
