//! The handshake, within its time.

use std::future::Future;
use std::io;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls::pki_types::ServerName;
use runtime_core::time;

use super::error::HandshakeError;
use super::transport::Transport;
use super::{TlsAcceptor, TlsConnector, TlsStream};

/// Makes the client's end of a connection.
pub(super) async fn connect<S>(
    connector: &TlsConnector,
    name: ServerName<'static>,
    stream: S,
    unread: Vec<u8>,
) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let host = name.to_str().into_owned();
    let stream = Transport::new(stream, unread);
    let handshake = connector.rustls().connect(name, stream);
    let limit = connector.timeouts.handshake;
    match within(limit, handshake).await {
        Some(Ok(session)) => Ok(TlsStream::client(session, host, connector.timeouts)),
        Some(Err(error)) => Err(HandshakeError::sort(Some(host), error)),
        None => Err(HandshakeError::elapsed(Some(host), limit)),
    }
}

/// Makes the server's end of a connection.
pub(super) async fn accept<S>(
    acceptor: &TlsAcceptor,
    stream: S,
    unread: Vec<u8>,
) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = acceptor.rustls().accept(Transport::new(stream, unread));
    let limit = acceptor.timeouts.handshake;
    match within(limit, handshake).await {
        Some(Ok(session)) => Ok(TlsStream::server(session, acceptor.timeouts)),
        Some(Err(error)) => Err(HandshakeError::sort(None, error)),
        None => Err(HandshakeError::elapsed(None, limit)),
    }
}

/// Gives `future` the time of `limit`; without a limit it needs no loop of ours.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    match limit {
        Duration::MAX => Some(future.await),
        limit => time::timeout(limit, future).await.ok(),
    }
}
