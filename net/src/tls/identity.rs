//! A certificate together with its private key.

use std::fmt;
use std::io;
use std::sync::Arc;

use futures_rustls::rustls;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::provider::refused;

/// A certificate with the chain that leads to it, and its private key.
///
/// What a server shows to its clients, and a client to a server that asks for it.
///
/// # Examples
///
/// ```
/// use runtime::net::tls::{Identity, TlsAcceptor};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Most programs read the two from files.
/// let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
/// let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
///
/// let identity = Identity::from_pem(chain, key)?;
/// let acceptor = TlsAcceptor::new(identity)?;
/// # drop(acceptor);
/// # Ok(())
/// # }
/// ```
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads a chain of certificates and a private key in PEM.
    ///
    /// The first certificate is the one that the key belongs to, each of the others signs the one before it.
    /// Both may be the same text: whatever else is in it is skipped. The key may be in PKCS #8, PKCS #1 (RSA)
    /// or SEC1 (elliptic curves), and is not encrypted.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](io::ErrorKind::InvalidData) when the text is no PEM, or holds no certificate, or no
    /// key. Whether the two belong together is looked at by the builder that they are given to.
    pub fn from_pem(chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> io::Result<Identity> {
        let chain = certificates(chain.as_ref())?;
        let key = PrivateKeyDer::from_pem_slice(key.as_ref()).map_err(|error| match error {
            pem::Error::NoItemsFound => invalid("there is no private key in this PEM text"),
            error => invalid(format!("the private key cannot be read: {error}")),
        })?;
        Ok(Identity { chain, key })
    }

    /// Takes a chain of certificates and a private key in DER.
    ///
    /// See [`from_pem`](Identity::from_pem) for their order and kinds. [`CertificateDer`] and
    /// [`PrivateKeyDer`] are made of bytes by `from`, `try_from`.
    ///
    /// # Errors
    ///
    /// [`InvalidData`](io::ErrorKind::InvalidData) when the chain is empty.
    pub fn from_der(
        chain: impl IntoIterator<Item = CertificateDer<'static>>,
        key: impl Into<PrivateKeyDer<'static>>,
    ) -> io::Result<Identity> {
        let chain: Vec<_> = chain.into_iter().collect();
        if chain.is_empty() {
            return Err(invalid("an identity needs a certificate, and the chain is empty"));
        }
        Ok(Identity { chain, key: key.into() })
    }

    /// Checks that certificate and key belong together.
    pub(super) fn certified(&self, provider: &CryptoProvider) -> io::Result<Arc<CertifiedKey>> {
        CertifiedKey::from_der(self.chain.clone(), self.key.clone_key(), provider)
            .map(Arc::new)
            .map_err(|error| refused("the certificate and its private key cannot be used", error))
    }

    /// Gives out the parts.
    pub(super) fn into_parts(self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.chain, self.key)
    }
}

impl Clone for Identity {
    fn clone(&self) -> Identity {
        Identity { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

impl fmt::Debug for Identity {
    /// Says nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

/// Reads the certificates in a PEM text; at least one.
pub(super) fn certificates(pem: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(invalid("there is no certificate in this PEM text")),
        Ok(chain) => Ok(chain),
        Err(error) => Err(invalid(format!("the certificates cannot be read: {error}"))),
    }
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}
