//! Connections with TLS as wires.

use futures_io::{AsyncRead, AsyncWrite};

use super::wire::{Exclusive, IntoWire, Wire};
use crate::tls::TlsStream;

/// The transport knows the addresses of the stream below, and shows that as well as the one with TLS. Over a
/// stream that is no [`Wire`], such as a `BufReader`, a connection is made of [`Exclusive::new`].
impl<S> IntoWire for TlsStream<S>
where
    S: Wire,
    TlsStream<S>: AsyncRead + AsyncWrite + Unpin + 'static,
{
    type Wire = Exclusive<TlsStream<S>>;

    fn into_wire(self) -> Exclusive<TlsStream<S>> {
        Exclusive::over(self, |stream| stream.get_ref())
    }
}
