//! What is done to the socket of an attempt before it connects.

use std::fmt;
use std::io;
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
use std::sync::Arc;

use crate::explained::explained;
use crate::sys;
use crate::tcp::{Keepalive, TcpSocket};

/// Options that differ from the system's.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) local_v4: Option<SocketAddrV4>,
    pub(super) local_v6: Option<SocketAddrV6>,
    pub(super) nodelay: Option<bool>,
    pub(super) keepalive: Option<bool>,
    pub(super) tcp_keepalive: Option<Keepalive>,
    pub(super) send_buffer_size: Option<u32>,
    pub(super) recv_buffer_size: Option<u32>,
    pub(super) reuseaddr: Option<bool>,
    pub(super) configure: Option<Configure>,
}

/// The user's own function.
#[derive(Clone)]
pub(super) struct Configure(pub(super) Arc<Function>);

pub(super) type Function = dyn Fn(&TcpSocket, SocketAddr) -> io::Result<()> + Send + Sync;

impl fmt::Debug for Configure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fn")
    }
}

impl Options {
    /// Whether the local addresses, if there are any, leave a way to `remote`.
    pub(super) fn reach(&self, remote: SocketAddr) -> bool {
        let anywhere = self.local_v4.is_none() && self.local_v6.is_none();
        anywhere || self.local(remote).is_some()
    }

    /// The local address of the family of `remote`.
    fn local(&self, remote: SocketAddr) -> Option<SocketAddr> {
        match remote {
            SocketAddr::V4(_) => self.local_v4.map(SocketAddr::V4),
            SocketAddr::V6(_) => self.local_v6.map(SocketAddr::V6),
        }
    }

    /// Makes a socket that is ready to connect to `remote`.
    pub(super) fn socket(&self, remote: SocketAddr) -> io::Result<TcpSocket> {
        let socket = TcpSocket::new_for(remote)?;
        let local = self.local(remote);
        let fixed_port = local.is_some_and(|local| local.port() != 0);
        if self.reuseaddr.unwrap_or(fixed_port && sys::REUSE_ADDRESS) {
            socket.set_reuseaddr(true)?;
        }
        set(self.nodelay, |on| socket.set_nodelay(on))?;
        set(self.keepalive, |on| socket.set_keepalive(on))?;
        set(self.tcp_keepalive, |times| socket.set_tcp_keepalive(&times))?;
        set(self.send_buffer_size, |bytes| socket.set_send_buffer_size(bytes))?;
        set(self.recv_buffer_size, |bytes| socket.set_recv_buffer_size(bytes))?;
        if let Some(configure) = &self.configure {
            (configure.0)(&socket, remote)?;
        }
        if let Some(local) = local {
            socket.bind(local).map_err(|error| {
                explained(error.kind(), format!("could not bind to {local}: {error}"), error)
            })?;
        }
        Ok(socket)
    }
}

fn set<T>(option: Option<T>, apply: impl FnOnce(T) -> io::Result<()>) -> io::Result<()> {
    option.map_or(Ok(()), apply)
}
