//! Without the features that bring roots, clients have to be told whom to trust.

use std::io;

use futures_rustls::rustls::RootCertStore;

pub(super) fn load() -> io::Result<RootCertStore> {
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "a TLS client has to trust somebody: give its builder roots, or enable the feature `native-roots` or `webpki-roots`",
    ))
}
