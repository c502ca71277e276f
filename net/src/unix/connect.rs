//! Opening a connection.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{self, SocketAddr};

use runtime_core::task::coop;
use socket2::{Domain, SockAddr, Socket, Type};

use super::retry::Retry;
use super::{UnixStream, address};
use crate::sys;

pub(super) async fn to(address: &SocketAddr) -> io::Result<UnixStream> {
    let address = address::to_socket2(address)?;
    // Without a wait inside: a listener with room takes connections at once.
    coop::consume_budget().await;
    let mut retry = Retry::new();
    loop {
        match begin(&address) {
            Ok((socket, true)) => return UnixStream::register(socket),
            Ok((socket, false)) => return finish(socket).await,
            // The listener's queue is full. Linux says so instead of waiting (connect(2), `EAGAIN`), and has
            // no event for the moment when there is room again.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                retry.pause().await?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Calls connect(2) once, and tells whether that was all.
fn begin(address: &SockAddr) -> io::Result<(net::UnixStream, bool)> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    let connected = match socket.connect(address) {
        Ok(()) => true,
        Err(error) if sys::is_in_progress(&error) => false,
        Err(error) => return Err(error),
    };
    Ok((OwnedFd::from(socket).into(), connected))
}

/// Connects a socket that is there already.
pub(super) async fn by(socket: Socket, address: &SocketAddr) -> io::Result<UnixStream> {
    let address = address::to_socket2(address)?;
    coop::consume_budget().await;
    let mut retry = Retry::new();
    loop {
        match socket.connect(&address) {
            Ok(()) => return UnixStream::register(OwnedFd::from(socket).into()),
            Err(error) if sys::is_in_progress(&error) => {
                return finish(OwnedFd::from(socket).into()).await;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => retry.pause().await?,
            Err(error) => return Err(error),
        }
    }
}

async fn finish(connecting: net::UnixStream) -> io::Result<UnixStream> {
    let stream = UnixStream::register(connecting)?;
    stream.writable().await?;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}
