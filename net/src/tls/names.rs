//! Which of several certificates a server shows.

use std::collections::HashMap;
use std::sync::Arc;

use futures_rustls::rustls;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Certificates by the names that clients ask for (SNI, RFC 6066), with one for everybody else.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// In lower case; `*.example.org` stands for every name one label below `example.org`.
    named: HashMap<String, Arc<CertifiedKey>>,
    pub(super) fallback: Option<Arc<CertifiedKey>>,
}

impl Names {
    pub(super) fn insert(&mut self, name: &str, key: Arc<CertifiedKey>) {
        self.named.insert(name.to_ascii_lowercase(), key);
    }

    fn find(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        // rustls hands names over in lower case.
        if let Some(key) = self.named.get(name) {
            return Some(key.clone());
        }
        let (_, parent) = name.split_once('.')?;
        self.named.get(&format!("*.{parent}")).cloned()
    }
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        hello.server_name().and_then(|name| self.find(name)).or_else(|| self.fallback.clone())
    }
}
