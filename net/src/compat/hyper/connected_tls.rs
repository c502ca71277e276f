//! What `hyper-util` wants to know of an encrypted stream that was opened for it.

use futures_io::{AsyncRead, AsyncWrite};
use hyper_util::client::legacy::connect::{Connected, Connection};

use crate::tls::TlsStream;

impl<S> Connection for TlsStream<S>
where
    S: Connection + AsyncRead + AsyncWrite + Unpin,
{
    /// Says as well whether HTTP/2 was agreed on (RFC 9113, section 3.2).
    fn connected(&self) -> Connected {
        let connected = self.get_ref().connected();
        match self.alpn_protocol() {
            Some(b"h2") => connected.negotiated_h2(),
            _ => connected,
        }
    }
}
