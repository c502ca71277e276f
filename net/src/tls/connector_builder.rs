//! What can be asked of a connector.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::rustls;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use super::provider::{self, refused};
use super::roots::{Roots, roots_from_pem};
use super::timeouts::Timeouts;
use super::{Identity, TlsConnector, ToServerName};

/// Builds a [`TlsConnector`].
///
/// # Examples
///
/// A client of a service within the house, which has an authority of its own and knows its clients by their
/// certificates:
///
/// ```
/// use std::time::Duration;
///
/// use runtime::net::tls::{Identity, TlsConnector};
///
/// fn connector(authority: &str, own: Identity) -> std::io::Result<TlsConnector> {
///     TlsConnector::builder()
///         .root_pem(authority)
///         .identity(own)
///         .alpn(["h2", "http/1.1"])
///         .handshake_timeout(Duration::from_secs(5))
///         .build()
/// }
/// # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
/// # let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
/// # connector(&chain, Identity::from_pem(&chain, key).unwrap()).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct TlsConnectorBuilder {
    pub(super) roots: Roots,
    identity: Option<Identity>,
    alpn: Vec<Vec<u8>>,
    sni: bool,
    name: Option<io::Result<ServerName<'static>>>,
    provider: Arc<CryptoProvider>,
    versions: Vec<&'static SupportedProtocolVersion>,
    timeouts: Timeouts,
}

impl Default for TlsConnectorBuilder {
    fn default() -> TlsConnectorBuilder {
        TlsConnectorBuilder {
            roots: Roots::Default,
            identity: None,
            alpn: Vec::new(),
            sni: true,
            name: None,
            provider: provider::default(),
            versions: rustls::DEFAULT_VERSIONS.to_vec(),
            timeouts: Timeouts::default(),
        }
    }
}

impl TlsConnectorBuilder {
    /// Trusts these roots, in addition to those that the builder was given before.
    ///
    /// A builder that is given no roots at all takes those that the features of this crate bring, as
    /// [`TlsConnector::new`] does.
    pub fn roots(mut self, roots: RootCertStore) -> TlsConnectorBuilder {
        self.roots.add(Ok(roots));
        self
    }

    /// Trusts the certificates in a PEM text, in addition to what the builder was given before.
    pub fn root_pem(mut self, pem: impl AsRef<[u8]>) -> TlsConnectorBuilder {
        self.roots.add(roots_from_pem(pem));
        self
    }

    /// Shows this certificate to servers that ask for one. By default there is none.
    pub fn identity(mut self, identity: Identity) -> TlsConnectorBuilder {
        self.identity = Some(identity);
        self
    }

    /// Offers these protocols (ALPN, RFC 7301), the dearest first. By default none.
    ///
    /// What the server took is [`TlsStream::alpn_protocol`](super::TlsStream::alpn_protocol). One that knows
    /// none of them may refuse or take nothing.
    pub fn alpn<P: AsRef<[u8]>>(
        mut self,
        protocols: impl IntoIterator<Item = P>,
    ) -> TlsConnectorBuilder {
        self.alpn = protocols.into_iter().map(|name| name.as_ref().to_vec()).collect();
        self
    }

    /// Sets whether servers are told which name is asked for (SNI, RFC 6066). By default they are.
    pub fn sni(mut self, sni: bool) -> TlsConnectorBuilder {
        self.sni = sni;
        self
    }

    /// Asks every server for this name, whatever host `connect` is given.
    ///
    /// For a server that is reached by another name or address than its certificate is for.
    pub fn server_name(mut self, name: impl ToServerName) -> TlsConnectorBuilder {
        self.name = Some(name.server_name());
        self
    }

    /// Sets how long a handshake may take: 60 seconds by default, [`Duration::MAX`] for ever.
    pub fn handshake_timeout(mut self, limit: Duration) -> TlsConnectorBuilder {
        self.timeouts.handshake = limit;
        self
    }

    /// Sets how long a close may take: 30 seconds by default, [`Duration::MAX`] for ever.
    pub fn shutdown_timeout(mut self, limit: Duration) -> TlsConnectorBuilder {
        self.timeouts.shutdown = limit;
        self
    }

    /// Speaks only these versions of TLS. By default 1.3 and 1.2.
    pub fn protocol_versions(
        mut self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TlsConnectorBuilder {
        self.versions = versions.to_vec();
        self
    }

    /// Takes the cryptography from elsewhere than *ring*.
    pub fn crypto_provider(mut self, provider: Arc<CryptoProvider>) -> TlsConnectorBuilder {
        self.provider = provider;
        self
    }

    /// Puts everything together.
    ///
    /// # Errors
    ///
    /// Those of the first wish that cannot be met: roots that cannot be read or are missing, a key that does
    /// not belong to its certificate, a server name that is none, a protocol whose name is empty or longer
    /// than 255 bytes.
    pub fn build(self) -> io::Result<TlsConnector> {
        let roots = self.roots.into_store()?;
        let builder = ClientConfig::builder_with_provider(self.provider)
            .with_protocol_versions(&self.versions)
            .map_err(|error| refused("a TLS client cannot be configured so", error))?
            .with_root_certificates(roots);
        let mut config = match self.identity {
            Some(identity) => {
                let (chain, key) = identity.into_parts();
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    refused("the certificate and its private key cannot be used", error)
                })?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = provider::protocols(self.alpn)?;
        config.enable_sni = self.sni;
        let mut connector = TlsConnector::from(config);
        connector.name = self.name.transpose()?;
        connector.timeouts = self.timeouts;
        Ok(connector)
    }
}
