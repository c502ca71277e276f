//! Unix sockets: listeners, streams and datagrams between the programs of one machine.
//!
//! # Addresses
//!
//! A [`SocketAddr`] is one of three things: the path of a file, a name in the abstract namespace of Linux,
//! which is any bytes, zeros included, and vanishes with its socket (`std::os::linux::net::SocketAddrExt`),
//! or nothing, as a socket has that connected without having been bound. The methods that take a path are for
//! files; those with `_addr` in their names take all three.
//!
//! [`pipe`] has pipes, with and without a name.

#[cfg_attr(call_flags, path = "accept_flags.rs")]
#[cfg_attr(not(call_flags), path = "accept_plain.rs")]
mod accept;
mod address;
#[cfg_attr(call_flags, path = "boundary_direct.rs")]
#[cfg_attr(not(call_flags), path = "boundary_plain.rs")]
mod boundary;
#[cfg_attr(any(target_os = "android", target_os = "linux"), path = "names_linux.rs")]
#[cfg_attr(not(any(target_os = "android", target_os = "linux")), path = "names_other.rs")]
mod names;

mod connect;
#[cfg_attr(any(target_os = "android", target_os = "linux"), path = "credentials_linux.rs")]
#[cfg_attr(not(any(target_os = "android", target_os = "linux")), path = "credentials_other.rs")]
mod credentials;
mod datagram;
mod datagram_io;
mod datagram_parts;
mod descriptors;
mod file;
mod incoming;
mod kind;
mod listener;
#[cfg_attr(target_vendor = "apple", path = "messages_plain.rs")]
#[cfg_attr(not(target_vendor = "apple"), path = "messages_flags.rs")]
mod messages;
#[cfg(any(target_os = "android", target_os = "linux"))]
mod peer_cred;
mod retry;
mod rights;
mod socket;
mod split;
mod stream;
mod unix_socket;

pub mod pipe;

pub use std::os::unix::net::SocketAddr;

pub use self::datagram::UnixDatagram;
pub use self::incoming::Incoming;
pub use self::listener::UnixListener;
#[cfg(any(target_os = "android", target_os = "linux"))]
pub use self::peer_cred::UCred;
pub use self::rights::ReceivedFds;
pub use self::split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf};
pub use self::stream::UnixStream;
pub use self::unix_socket::UnixSocket;
pub use crate::stream::split::{Closing, Reader, SharedStream, Split, Writer};
