//! TCP: listeners, streams, the halves of streams, and sockets that are neither yet.

mod connect;
mod connector;
mod incoming;
mod keepalive;
mod listener;
mod socket;
mod socket_options;
mod split;
mod stream;
mod stream_io;
mod stream_options;
mod stream_ready;
mod stream_socket;

#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use self::connector::{Family, TcpConnector};
pub use self::incoming::Incoming;
pub use self::keepalive::Keepalive;
pub use self::listener::TcpListener;
pub use self::socket::TcpSocket;
pub use self::split::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
pub use self::stream::TcpStream;
pub use crate::stream::split::{Closing, Reader, ReuniteError, SharedStream, Split, Writer};
