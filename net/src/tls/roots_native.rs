//! The roots that the system trusts.

use std::io;

use futures_rustls::rustls::RootCertStore;

use super::TlsConnectorBuilder;

/// Reads the system's store of certificates. Single ones that cannot be read are left out, as other programs
/// do.
pub(super) fn load() -> io::Result<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let causes: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        let causes = if causes.is_empty() { "it is empty".to_owned() } else { causes.join(", ") };
        let text = format!("the system's store of certificates cannot be used: {causes}");
        return Err(io::Error::new(io::ErrorKind::NotFound, text));
    }
    Ok(roots)
}

impl TlsConnectorBuilder {
    /// Trusts the certificates that the system trusts (feature `native-roots`).
    ///
    /// Reads files, some milliseconds long: make one connector and clone it. The variables `SSL_CERT_FILE`
    /// and `SSL_CERT_DIR` name other places than the system's.
    pub fn native_roots(mut self) -> TlsConnectorBuilder {
        self.roots.add(load());
        self
    }
}
