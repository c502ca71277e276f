//! Connections with TLS as wires.

use futures_io::{AsyncRead, AsyncWrite};

use super::wire::{Exclusive, IntoWire};
use crate::tls::TlsStream;

impl<S> IntoWire for TlsStream<S>
where
    TlsStream<S>: AsyncRead + AsyncWrite + Unpin + 'static,
{
    type Wire = Exclusive<TlsStream<S>>;

    fn into_wire(self) -> Exclusive<TlsStream<S>> {
        Exclusive::new(self)
    }
}
