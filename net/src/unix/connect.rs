//! Opening a connection.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{self, SocketAddr};
use std::time::Duration;

use runtime_core::Handle;
use runtime_core::time::sleep;
use socket2::{Domain, SockAddr, Socket, Type};

use super::{UnixStream, address};
use crate::sys;

const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(64);

pub(super) async fn to(address: &SocketAddr) -> io::Result<UnixStream> {
    let address = address::to_socket2(address)?;
    let mut pause = FIRST;
    loop {
        match begin(&address) {
            Ok((socket, true)) => return UnixStream::register(socket),
            Ok((socket, false)) => return finish(socket).await,
            // The listener's queue is full. Linux says so instead of waiting (connect(2), `EAGAIN`), and has no event for
            // the moment when there is room again.
            Err(error)
                if error.kind() == io::ErrorKind::WouldBlock && Handle::try_current().is_ok() =>
            {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST);
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

async fn finish(connecting: net::UnixStream) -> io::Result<UnixStream> {
    let stream = UnixStream::register(connecting)?;
    stream.writable().await?;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}
