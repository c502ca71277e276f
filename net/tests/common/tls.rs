//! Certificates made on the spot, and connections between two ends that trust each other.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::future;
use runtime::net::TcpStream;
use runtime::net::tls::rustls::RootCertStore;
use runtime::net::tls::{Identity, TlsAcceptor, TlsConnector, TlsStream};

pub type Tls = TlsStream<TcpStream>;

/// Somebody who signs certificates.
pub struct Authority {
    pem: String,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

impl Authority {
    pub fn new() -> Authority {
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        // Two of one name would be taken for one another.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("authority {}", COUNT.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = rcgen::KeyPair::generate().expect("a key can be made");
        let pem = params.self_signed(&key).expect("an authority signs itself").pem();
        Authority { pem, issuer: rcgen::Issuer::new(params, key) }
    }

    /// The certificate of the authority.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub fn roots(&self) -> RootCertStore {
        runtime::net::tls::roots_from_pem(self.pem()).expect("the certificate can be read")
    }

    /// Signs a certificate for `names`, and changes what `change` wants otherwise; the chain, then the key.
    pub fn sign(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut rcgen::CertificateParams),
    ) -> (String, String) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = rcgen::CertificateParams::new(names).expect("the names are names");
        change(&mut params);
        let key = rcgen::KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.issuer).expect("the authority signs");
        (certificate.pem(), key.serialize_pem())
    }

    pub fn identity(&self, names: &[&str]) -> Identity {
        let (chain, key) = self.sign(names, |_| {});
        Identity::from_pem(chain, key).expect("the certificate can be read")
    }

    /// A server that shows a certificate for `localhost`.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::new(self.identity(&["localhost"])).expect("the identity is whole")
    }

    /// A client that trusts the authority.
    pub fn connector(&self) -> TlsConnector {
        TlsConnector::builder().root_pem(self.pem()).build().expect("the root can be read")
    }
}

/// Makes the handshake over a new connection, and returns what each end says of it.
pub async fn handshake(
    connector: &TlsConnector,
    host: &str,
    acceptor: &TlsAcceptor,
) -> io::Result<(io::Result<Tls>, io::Result<Tls>)> {
    let (client, server) = crate::common::pair().await?;
    Ok(future::join(connector.connect(host, client), acceptor.accept(server)).await)
}

/// Two ends of an encrypted connection, the client's first.
pub async fn pair_of(connector: &TlsConnector, acceptor: &TlsAcceptor) -> io::Result<(Tls, Tls)> {
    let (client, server) = handshake(connector, "localhost", acceptor).await?;
    Ok((client?, server?))
}

/// Two ends of an encrypted connection with nothing special about it.
pub async fn pair() -> io::Result<(Tls, Tls)> {
    let authority = Authority::new();
    pair_of(&authority.connector(), &authority.acceptor()).await
}
