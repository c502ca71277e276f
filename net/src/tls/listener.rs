//! Accepting connections that are encrypted.

use std::fmt;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::{TlsAcceptor, TlsStream};
use crate::server::{Connection, Listener};

/// A listener whose connections are encrypted, for a [`Server`](crate::Server).
///
/// The handshake of a connection is made by the connection's own task, so that a client that is slow, or says
/// nothing, keeps nobody from being accepted. It counts as a connection meanwhile, for as long as the
/// acceptor's handshake timeout at most. One that fails ends there: the handler does not hear of it,
/// [`on_handshake_error`](TlsListener::on_handshake_error) does.
///
/// When the server ends the input of its clients, handlers find the end of the stream, as over TCP, and can
/// still write, and close in good order. `stream.get_ref().is_closing()` tells it from an end of the peer.
///
/// # Examples
///
/// An echo server:
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::tls::{Identity, TlsAcceptor, TlsConnector, TlsListener};
/// use runtime::net::{Server, TcpStream};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
/// # let connector = TlsConnector::builder().root_pem(made.cert.pem()).build()?;
/// # let identity = Identity::from_pem(made.cert.pem(), made.signing_key.serialize_pem())?;
/// let acceptor = TlsAcceptor::new(identity)?;
/// runtime::run(async {
///     let server = Server::builder()
///         .bind("127.0.0.1", 0)
///         .wrap(move |listener| {
///             TlsListener::new(listener, acceptor.clone())
///                 .on_handshake_error(|peer, error| eprintln!("{peer}: {error}"))
///         })
///         .serve(async |stream, _peer| {
///             let (mut reader, mut writer) = stream.split();
///             futures::io::copy(&mut reader, &mut writer).await?;
///             writer.close().await
///         })
///         .await?;
///
///     let stream = TcpStream::connect(server.local_addrs()[0]).await?;
///     let mut stream = connector.connect("localhost", stream).await?;
///     stream.write_all(b"echo").await?;
///     stream.close().await?;
///     let mut answer = String::new();
///     stream.read_to_string(&mut answer).await?;
///     assert_eq!(answer, "echo");
///     Ok(())
/// })
/// # }
/// ```
pub struct TlsListener<L: Listener> {
    listener: L,
    acceptor: TlsAcceptor,
    complain: Option<Rc<dyn Fn(L::Addr, io::Error)>>,
}

impl<L: Listener> TlsListener<L> {
    /// Encrypts what is accepted from `listener`.
    pub fn new(listener: L, acceptor: TlsAcceptor) -> TlsListener<L> {
        TlsListener { listener, acceptor, complain: None }
    }

    /// Has `complain` called for each handshake that fails, such as to log it. By default nobody hears of it.
    ///
    /// On the open internet that is an everyday matter: many who look for open ports do not speak TLS.
    #[must_use]
    pub fn on_handshake_error(
        mut self,
        complain: impl Fn(L::Addr, io::Error) + 'static,
    ) -> TlsListener<L> {
        self.complain = Some(Rc::new(complain));
        self
    }

    /// The listener inside.
    pub fn get_ref(&self) -> &L {
        &self.listener
    }

    /// Gives the listener inside back.
    pub fn into_inner(self) -> L {
        self.listener
    }
}

impl<L> Listener for TlsListener<L>
where
    L: Listener,
    L::Stream: AsyncRead + AsyncWrite + Unpin,
{
    type Io = L::Io;
    type Stream = TlsStream<L::Stream>;
    type Addr = L::Addr;

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(L::Io, L::Addr)>> {
        self.listener.poll_accept(cx)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }

    fn establish(
        &self,
        connection: Connection<L::Io>,
        peer: &L::Addr,
    ) -> impl Future<Output = io::Result<TlsStream<L::Stream>>> + 'static {
        let ended = connection.closing_flag();
        let established = self.listener.establish(connection, peer);
        let acceptor = self.acceptor.clone();
        let complain = self.complain.clone().map(|complain| (complain, peer.clone()));
        async move {
            let error = match acceptor.accept(established.await?).await {
                Ok(mut stream) => {
                    stream.ended = Some(ended);
                    return Ok(stream);
                }
                Err(error) => error,
            };
            let kind = error.kind();
            if let Some((complain, peer)) = complain {
                complain(peer, error);
            }
            Err(kind.into())
        }
    }

    fn end_input(io: &L::Io) {
        L::end_input(io);
    }

    fn reset_on_close(io: &L::Io) {
        L::reset_on_close(io);
    }
}

impl<L: Listener + fmt::Debug> fmt::Debug for TlsListener<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsListener")
            .field("listener", &self.listener)
            .field("acceptor", &self.acceptor)
            .finish_non_exhaustive()
    }
}
