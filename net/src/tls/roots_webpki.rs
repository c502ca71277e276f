//! The roots that Mozilla trusts, compiled in.

use std::io;

use futures_rustls::rustls::RootCertStore;

use super::TlsConnectorBuilder;

/// Collects them; nothing is read, and nothing can fail.
pub(super) fn load() -> io::Result<RootCertStore> {
    Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
}

impl TlsConnectorBuilder {
    /// Trusts the certificates that Mozilla trusts, as they were when the program was built (feature
    /// `webpki-roots`).
    pub fn webpki_roots(mut self) -> TlsConnectorBuilder {
        self.roots.add(load());
        self
    }
}
