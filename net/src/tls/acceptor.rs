//! The server's side.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls::ServerConfig;

use super::timeouts::Timeouts;
use super::{Identity, TlsAcceptorBuilder, TlsStream, handshake};

/// Makes the server's end of TLS connections.
///
/// Cloning is cheap, and the clones share what they remember of clients.
///
/// # Examples
///
/// A server, each connection of which has a task of its own from the handshake on, so that a slow client
/// delays nobody:
///
/// ```
/// use futures::AsyncWriteExt;
/// use runtime::net::TcpListener;
/// use runtime::net::tls::TlsAcceptor;
///
/// async fn serve(listener: TcpListener, acceptor: TlsAcceptor) -> std::io::Result<()> {
///     loop {
///         let (stream, peer) = listener.accept().await?;
///         let acceptor = acceptor.clone();
///         runtime::spawn(async move {
///             match acceptor.accept(stream).await {
///                 Ok(mut stream) => {
///                     stream.write_all(b"hello\n").await?;
///                     stream.close().await
///                 }
///                 Err(error) => Ok(eprintln!("{peer}: {error}")),
///             }
///         });
///     }
/// }
/// # let _ = serve;
/// ```
#[derive(Clone)]
pub struct TlsAcceptor {
    config: Arc<ServerConfig>,
    pub(super) timeouts: Timeouts,
}

impl TlsAcceptor {
    /// Makes an acceptor that shows one certificate to everybody and asks for none.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when the certificate cannot be used, or the key does not
    /// belong to it.
    pub fn new(identity: Identity) -> io::Result<TlsAcceptor> {
        TlsAcceptor::builder().identity(identity).build()
    }

    /// Starts with the defaults, and takes wishes.
    pub fn builder() -> TlsAcceptorBuilder {
        TlsAcceptorBuilder::default()
    }

    /// Makes the handshake as a server, over a stream that is connected.
    ///
    /// The stream may be a `BufReader` that has read more than it gave out, see
    /// [`start_tls_server`](super::start_tls_server).
    ///
    /// # Errors
    ///
    /// A [`HandshakeError`](super::HandshakeError) inside of an [`io::Error`]. The stream is dropped, and so
    /// closed.
    ///
    /// # Panics
    ///
    /// Outside of a loop, where there are no timers, unless the handshake's timeout is [`Duration::MAX`].
    ///
    /// # Cancel safety
    ///
    /// The stream is dropped with the future.
    pub async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        handshake::accept(self, stream, Vec::new()).await
    }

    /// Sets how long a handshake may take: 60 seconds by default, [`Duration::MAX`] for ever.
    #[must_use]
    pub fn with_handshake_timeout(mut self, limit: Duration) -> TlsAcceptor {
        self.timeouts.handshake = limit;
        self
    }

    /// Sets how long a close may take: 30 seconds by default, [`Duration::MAX`] for ever.
    #[must_use]
    pub fn with_shutdown_timeout(mut self, limit: Duration) -> TlsAcceptor {
        self.timeouts.shutdown = limit;
        self
    }

    /// The configuration that rustls is given.
    pub fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }

    pub(super) fn rustls(&self) -> futures_rustls::TlsAcceptor {
        self.config.clone().into()
    }
}

impl From<Arc<ServerConfig>> for TlsAcceptor {
    /// Takes a configuration of rustls as it is, for what the builder does not know.
    fn from(config: Arc<ServerConfig>) -> TlsAcceptor {
        TlsAcceptor { config, timeouts: Timeouts::default() }
    }
}

impl From<ServerConfig> for TlsAcceptor {
    /// As from the `Arc`.
    fn from(config: ServerConfig) -> TlsAcceptor {
        Arc::new(config).into()
    }
}

impl fmt::Debug for TlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsAcceptor").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}
