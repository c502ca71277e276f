//! The client's side.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls::ClientConfig;
use futures_rustls::rustls::pki_types::ServerName;

use super::timeouts::Timeouts;
use super::{TlsConnectorBuilder, TlsStream, ToServerName, handshake};

/// Makes the client's end of TLS connections.
///
/// Cloning is cheap, and the clones share what they remember of servers, so that later handshakes are
/// shorter.
///
/// # Examples
///
/// A client that trusts one certificate, and a server that shows it:
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt, future};
/// use runtime::net::tls::{Identity, TlsAcceptor, TlsConnector};
/// use runtime::net::{TcpListener, TcpStream};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
/// let identity = Identity::from_pem(made.cert.pem(), made.signing_key.serialize_pem())?;
/// let acceptor = TlsAcceptor::new(identity)?;
/// let connector = TlsConnector::builder().root_pem(made.cert.pem()).build()?;
///
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let address = listener.local_addr()?;
///     let server = async {
///         let (stream, _) = listener.accept().await?;
///         let mut stream = acceptor.accept(stream).await?;
///         stream.write_all(b"hello").await?;
///         stream.close().await
///     };
///     let client = async {
///         let stream = TcpStream::connect(address).await?;
///         let mut stream = connector.connect("localhost", stream).await?;
///         let mut text = String::new();
///         stream.read_to_string(&mut text).await?;
///         Ok(text)
///     };
///     let ((), text) = future::try_join(server, client).await?;
///     assert_eq!(text, "hello");
///     Ok(())
/// })
/// # }
/// ```
#[derive(Clone)]
pub struct TlsConnector {
    config: Arc<ClientConfig>,
    /// What to ask servers for, whatever the caller of `connect` says.
    pub(super) name: Option<ServerName<'static>>,
    pub(super) timeouts: Timeouts,
}

impl TlsConnector {
    /// Makes a connector with the roots that the features of this crate bring.
    ///
    /// With the feature `native-roots` it trusts whom the system trusts, else with `webpki-roots` whom
    /// Mozilla trusts. It shows no certificate of its own and offers no protocols;
    /// [`builder`](TlsConnector::builder) takes other wishes. The system's roots are files, and reading them
    /// takes some milliseconds: make one connector and clone it.
    ///
    /// # Errors
    ///
    /// Fails when there are no roots: without both features, or when the system has none.
    pub fn new() -> io::Result<TlsConnector> {
        TlsConnector::builder().build()
    }

    /// Starts with the defaults, and takes wishes.
    pub fn builder() -> TlsConnectorBuilder {
        TlsConnectorBuilder::default()
    }

    /// Makes the handshake as a client, over a stream that is connected.
    ///
    /// The server has to show a certificate for `host`, or for the name that
    /// [`server_name`](TlsConnectorBuilder::server_name) gave instead. That name is sent to the server (SNI)
    /// unless it is an address. The stream may be a `BufReader` that has read more than it gave out, see
    /// [`start_tls`](super::start_tls).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a host that is no name, else a
    /// [`HandshakeError`](super::HandshakeError) inside of an [`io::Error`], which names the host and the
    /// cause. The stream is dropped, and so closed.
    ///
    /// # Panics
    ///
    /// Outside of a loop, where there are no timers, unless the handshake's timeout is [`Duration::MAX`].
    ///
    /// # Cancel safety
    ///
    /// The stream is dropped with the future.
    pub async fn connect<S>(&self, host: impl ToServerName, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = self.name_for(host)?;
        handshake::connect(self, name, stream, Vec::new()).await
    }

    /// Sets how long a handshake may take: 60 seconds by default, [`Duration::MAX`] for ever.
    #[must_use]
    pub fn with_handshake_timeout(mut self, limit: Duration) -> TlsConnector {
        self.timeouts.handshake = limit;
        self
    }

    /// Sets how long a close may take: 30 seconds by default, [`Duration::MAX`] for ever.
    #[must_use]
    pub fn with_shutdown_timeout(mut self, limit: Duration) -> TlsConnector {
        self.timeouts.shutdown = limit;
        self
    }

    /// The configuration that rustls is given.
    pub fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }

    /// Chooses the name that the server has to prove.
    pub(super) fn name_for(&self, host: impl ToServerName) -> io::Result<ServerName<'static>> {
        match &self.name {
            Some(name) => Ok(name.clone()),
            None => host.server_name(),
        }
    }

    pub(super) fn rustls(&self) -> futures_rustls::TlsConnector {
        self.config.clone().into()
    }
}

impl From<Arc<ClientConfig>> for TlsConnector {
    /// Takes a configuration of rustls as it is, for what the builder does not know.
    fn from(config: Arc<ClientConfig>) -> TlsConnector {
        TlsConnector { config, name: None, timeouts: Timeouts::default() }
    }
}

impl From<ClientConfig> for TlsConnector {
    /// As from the `Arc`.
    fn from(config: ClientConfig) -> TlsConnector {
        Arc::new(config).into()
    }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnector")
            .field("server_name", &self.name)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}
