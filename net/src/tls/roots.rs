//! Whom to trust: collecting the roots of a client.

use std::io;
use std::mem;

use futures_rustls::rustls::RootCertStore;

use super::{identity, roots_default};

/// Reads the certificates in a PEM text as roots to trust.
///
/// # Errors
///
/// [`InvalidData`](io::ErrorKind::InvalidData) when the text is no PEM, holds no certificate, or one that
/// cannot be a root.
///
/// # Examples
///
/// A server that asks its clients for certificates of the house:
///
/// ```
/// use runtime::net::tls::{Identity, TlsAcceptor, roots_from_pem};
///
/// fn acceptor(identity: Identity, authority: &str) -> std::io::Result<TlsAcceptor> {
///     let authority = roots_from_pem(authority)?;
///     TlsAcceptor::builder().identity(identity).require_client_certificates(authority).build()
/// }
/// # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
/// # let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
/// # acceptor(Identity::from_pem(&chain, key).unwrap(), &chain).unwrap();
/// ```
pub fn roots_from_pem(pem: impl AsRef<[u8]>) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in identity::certificates(pem.as_ref())? {
        roots.add(certificate).map_err(|error| {
            let text = format!("a certificate cannot be trusted as a root: {error}");
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
    }
    Ok(roots)
}

/// The roots that a builder has been given so far.
#[derive(Debug)]
pub(super) enum Roots {
    /// Nobody has spoken of roots.
    Default,
    These(RootCertStore),
    /// The first set that could not be had; told when everything is put together.
    Failed(io::Error),
}

impl Roots {
    /// Trusts more roots.
    pub(super) fn add(&mut self, more: io::Result<RootCertStore>) {
        *self = match (mem::replace(self, Roots::Default), more) {
            (Roots::Failed(error), _) | (_, Err(error)) => Roots::Failed(error),
            (Roots::Default, Ok(more)) => Roots::These(more),
            (Roots::These(mut roots), Ok(more)) => {
                roots.roots.extend(more.roots);
                Roots::These(roots)
            }
        };
    }

    /// Puts them together: those that were given, else the ones that the features of this crate bring.
    pub(super) fn into_store(self) -> io::Result<RootCertStore> {
        match self {
            Roots::Default => roots_default::load(),
            Roots::These(roots) => Ok(roots),
            Roots::Failed(error) => Err(error),
        }
    }
}
