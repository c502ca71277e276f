//! What can be asked of an acceptor.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::rustls;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, ResolvesServerCert, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::names::Names;
use super::provider::{self, refused};
use super::timeouts::Timeouts;
use super::{Identity, TlsAcceptor};

/// Builds a [`TlsAcceptor`].
///
/// # Examples
///
/// Two sites at one address, which speak HTTP/2 and HTTP/1.1:
///
/// ```
/// use runtime::net::tls::{Identity, TlsAcceptor};
///
/// fn acceptor(blog: Identity, shop: Identity) -> std::io::Result<TlsAcceptor> {
///     TlsAcceptor::builder()
///         .identity(blog)
///         .identity_for("shop.example.org", shop)
///         .alpn(["h2", "http/1.1"])
///         .build()
/// }
/// # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
/// # let own = Identity::from_pem(made.cert.pem(), made.signing_key.serialize_pem()).unwrap();
/// # acceptor(own.clone(), own).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct TlsAcceptorBuilder {
    fallback: Option<Identity>,
    named: Vec<(String, Identity)>,
    resolver: Option<Arc<dyn ResolvesServerCert>>,
    clients: Clients,
    alpn: Vec<Vec<u8>>,
    provider: Arc<CryptoProvider>,
    versions: Vec<&'static SupportedProtocolVersion>,
    timeouts: Timeouts,
}

/// Which certificates clients are asked for.
#[derive(Debug)]
enum Clients {
    Unasked,
    Asked(RootCertStore),
    Obliged(RootCertStore),
}

impl Default for TlsAcceptorBuilder {
    fn default() -> TlsAcceptorBuilder {
        TlsAcceptorBuilder {
            fallback: None,
            named: Vec::new(),
            resolver: None,
            clients: Clients::Unasked,
            alpn: Vec::new(),
            provider: provider::default(),
            versions: rustls::DEFAULT_VERSIONS.to_vec(),
            timeouts: Timeouts::default(),
        }
    }
}

impl TlsAcceptorBuilder {
    /// Shows this certificate to every client that asks for no name, or for one that has no certificate of
    /// its own.
    pub fn identity(mut self, identity: Identity) -> TlsAcceptorBuilder {
        self.fallback = Some(identity);
        self
    }

    /// Shows this certificate to clients that ask for `name` (SNI, RFC 6066).
    ///
    /// May be called for any number of names. `*.example.org` stands for every name that has one label more
    /// than `example.org`; a name that is given in full comes first.
    pub fn identity_for(
        mut self,
        name: impl Into<String>,
        identity: Identity,
    ) -> TlsAcceptorBuilder {
        self.named.push((name.into(), identity));
        self
    }

    /// Asks this for the certificate to show, for each client, instead of the ones given by
    /// [`identity`](TlsAcceptorBuilder::identity).
    pub fn resolver(mut self, resolver: Arc<dyn ResolvesServerCert>) -> TlsAcceptorBuilder {
        self.resolver = Some(resolver);
        self
    }

    /// Refuses clients that show no certificate that one of `roots` has signed.
    ///
    /// What they have shown is [`TlsStream::peer_certificates`](super::TlsStream::peer_certificates). In TLS
    /// 1.3 a client that is refused takes its handshake for done, and hears of it when it reads.
    pub fn require_client_certificates(mut self, roots: RootCertStore) -> TlsAcceptorBuilder {
        self.clients = Clients::Obliged(roots);
        self
    }

    /// Asks clients for certificates that one of `roots` has signed, and accepts those that show none as
    /// well.
    ///
    /// A certificate that does not convince is refused all the same.
    pub fn request_client_certificates(mut self, roots: RootCertStore) -> TlsAcceptorBuilder {
        self.clients = Clients::Asked(roots);
        self
    }

    /// Speaks these protocols (ALPN, RFC 7301), the dearest first. By default the matter is ignored.
    ///
    /// A client that offers protocols, and none of these, is refused; one that offers nothing is not.
    pub fn alpn<P: AsRef<[u8]>>(
        mut self,
        protocols: impl IntoIterator<Item = P>,
    ) -> TlsAcceptorBuilder {
        self.alpn = protocols.into_iter().map(|name| name.as_ref().to_vec()).collect();
        self
    }

    /// Sets how long a handshake may take: 60 seconds by default, [`Duration::MAX`] for ever.
    pub fn handshake_timeout(mut self, limit: Duration) -> TlsAcceptorBuilder {
        self.timeouts.handshake = limit;
        self
    }

    /// Sets how long a close may take: 30 seconds by default, [`Duration::MAX`] for ever.
    pub fn shutdown_timeout(mut self, limit: Duration) -> TlsAcceptorBuilder {
        self.timeouts.shutdown = limit;
        self
    }

    /// Speaks only these versions of TLS. By default 1.3 and 1.2.
    pub fn protocol_versions(
        mut self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TlsAcceptorBuilder {
        self.versions = versions.to_vec();
        self
    }

    /// Takes the cryptography from elsewhere than *ring*.
    pub fn crypto_provider(mut self, provider: Arc<CryptoProvider>) -> TlsAcceptorBuilder {
        self.provider = provider;
        self
    }

    /// Puts everything together.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when there is no certificate to show, when a key does
    /// not belong to its certificate, when clients have to be certified by nobody, and for a protocol whose
    /// name is empty or longer than 255 bytes.
    pub fn build(mut self) -> io::Result<TlsAcceptor> {
        let resolver = match self.resolver.take() {
            Some(resolver) => resolver,
            None => self.names()?,
        };
        let clients = self.clients.verifier(&self.provider)?;
        let mut config = ServerConfig::builder_with_provider(self.provider)
            .with_protocol_versions(&self.versions)
            .map_err(|error| refused("a TLS server cannot be configured so", error))?
            .with_client_cert_verifier(clients)
            .with_cert_resolver(resolver);
        config.alpn_protocols = provider::protocols(self.alpn)?;
        let mut acceptor = TlsAcceptor::from(config);
        acceptor.timeouts = self.timeouts;
        Ok(acceptor)
    }

    fn names(&self) -> io::Result<Arc<Names>> {
        if self.fallback.is_none() && self.named.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a TLS server has to show a certificate: give its builder an identity",
            ));
        }
        let mut names = Names::default();
        for (name, identity) in &self.named {
            names.insert(name, identity.certified(&self.provider)?);
        }
        let fallback = self.fallback.as_ref().map(|identity| identity.certified(&self.provider));
        names.fallback = fallback.transpose()?;
        Ok(Arc::new(names))
    }
}

impl Clients {
    fn verifier(self, provider: &Arc<CryptoProvider>) -> io::Result<Arc<dyn ClientCertVerifier>> {
        let (roots, obliged) = match self {
            Clients::Unasked => return Ok(Arc::new(NoClientAuth)),
            Clients::Asked(roots) => (roots, false),
            Clients::Obliged(roots) => (roots, true),
        };
        let builder =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let builder = if obliged { builder } else { builder.allow_unauthenticated() };
        builder.build().map(|verifier| verifier as _).map_err(|error| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("clients cannot be certified by these roots: {error}"),
            )
        })
    }
}
