//! Opening a connection.

use std::io;
use std::net::SocketAddr;

use super::TcpStream;
use crate::addr::{self, sealed::Target};
use crate::attempts::Attempts;

/// Tries the addresses behind `target` one after the other until one works.
pub(super) async fn to_any(target: Target) -> io::Result<TcpStream> {
    let mut attempts = Attempts::to("connect to");
    for address in addr::resolve(target).await? {
        match to(address).await {
            Ok(stream) => return Ok(stream),
            Err(cause) => attempts.failed(address, cause),
        }
    }
    Err(attempts.into_error())
}

async fn to(address: SocketAddr) -> io::Result<TcpStream> {
    finish(mio::net::TcpStream::connect(address)?).await
}

/// Waits for the end of a connect that has begun.
///
/// A socket becomes writable when its handshake has ended, well or badly; `SO_ERROR` says which (connect(2),
/// `EINPROGRESS`). The socket belongs to the stream from the start, so dropping this future closes it, once.
pub(super) async fn finish(connecting: mio::net::TcpStream) -> io::Result<TcpStream> {
    let stream = TcpStream::register(connecting)?;
    stream.writable().await?;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}
