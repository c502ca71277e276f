//! A connection that is encrypted.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker, ready};

use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls;
use futures_rustls::{TlsStream as Session, client, server};
use runtime_core::time::Sleep;
use rustls::pki_types::CertificateDer;
use rustls::{CipherSuite, CommonState, HandshakeKind, ProtocolVersion, Reader};

use super::handshake::within;
use super::session::{self, Filled};
use super::timeouts::Timeouts;
use super::transport::Transport;

/// An encrypted connection over a stream `S`, of a client or of a server.
///
/// It reads and writes by the traits of `futures-io`, and is `Send` and `Sync` if the stream is. For two
/// tasks, `futures::AsyncReadExt::split` makes halves of it.
///
/// # Flushing
///
/// A write is encrypted at once and sent as far as the stream below takes it. The rest is sent by the next
/// write, flush, close, or read. Who writes last and then waits for something else, such as a timer, flushes
/// before.
///
/// # The end
///
/// A read returns 0 bytes when the peer has announced its end (`close_notify`). When the connection ends
/// without that, somebody may have cut it off, and the read fails with
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof), each time. Protocols that know by themselves where a
/// message ends, such as HTTP, may ignore that. A [`Server`](crate::Server) that ends the input of its
/// connections is not somebody: its handlers find 0 bytes.
///
/// `close` of `AsyncWriteExt` sends what is left, announces the end and closes the stream below for writing.
/// Reading goes on. It fails with [`TimedOut`](io::ErrorKind::TimedOut) when the peer does not read within
/// the shutdown timeout; [`shutdown`](TlsStream::shutdown) waits for the peer's end as well. Dropping the
/// stream closes it without a word, which the peer sees as an end that is not announced.
///
/// # Panics
///
/// A close that has to wait panics outside of a loop, where there are no timers, unless the shutdown timeout
/// is [`Duration::MAX`](std::time::Duration::MAX).
pub struct TlsStream<S> {
    pub(super) session: Session<Transport<S>>,
    /// The server that the client asked for.
    host: Option<Box<str>>,
    pub(super) timeouts: Timeouts,
    /// Set by the first close, when nothing may be written any more.
    pub(super) closing: Closing,
    /// Why no more can be read. Whoever tries again must hear of it, and not wait for a peer that has heard
    /// of it, too.
    refused: Option<rustls::Error>,
    /// Who waits to write, flush or close, for a reader that may come to do it.
    pub(super) writer: Option<Waker>,
    /// Whether this side has ended its own input, which the peer cannot announce.
    pub(super) ended: Option<Arc<AtomicBool>>,
}

/// How far a close has come.
#[derive(Debug)]
pub(super) enum Closing {
    Open,
    Begun,
    /// It has to wait, until that.
    Waiting(Sleep),
    /// It took too long.
    GivenUp,
}

impl<S> TlsStream<S> {
    pub(super) fn client(
        session: client::TlsStream<Transport<S>>,
        host: String,
        timeouts: Timeouts,
    ) -> TlsStream<S> {
        TlsStream::new(session.into(), Some(host.into()), timeouts)
    }

    pub(super) fn server(
        session: server::TlsStream<Transport<S>>,
        timeouts: Timeouts,
    ) -> TlsStream<S> {
        TlsStream::new(session.into(), None, timeouts)
    }

    fn new(
        session: Session<Transport<S>>,
        host: Option<Box<str>>,
        timeouts: Timeouts,
    ) -> TlsStream<S> {
        TlsStream {
            session,
            host,
            timeouts,
            closing: Closing::Open,
            refused: None,
            writer: None,
            ended: None,
        }
    }

    /// The protocol that both sides agreed on (ALPN), such as `h2`.
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.connection().alpn_protocol()
    }

    /// The name of the server that the client asked for.
    ///
    /// At a client always there; at a server if the client has sent it (SNI), which it does not for an
    /// address.
    pub fn server_name(&self) -> Option<&str> {
        match &self.session {
            Session::Client(_) => self.host.as_deref(),
            Session::Server(session) => session.get_ref().1.server_name(),
        }
    }

    /// The certificates that the peer has shown, its own first; at a server `None` unless it asked for them
    /// and got any.
    pub fn peer_certificates(&self) -> Option<&[CertificateDer<'static>]> {
        self.connection().peer_certificates()
    }

    /// The version of TLS that is spoken.
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.connection().protocol_version()
    }

    /// The cipher suite in use.
    pub fn cipher_suite(&self) -> Option<CipherSuite> {
        self.connection().negotiated_cipher_suite().map(|suite| suite.suite())
    }

    /// Tells whether the handshake was a full one, or a short one between sides that knew each other.
    pub fn handshake_kind(&self) -> Option<HandshakeKind> {
        self.connection().handshake_kind()
    }

    /// Whether this is the client's end.
    pub fn is_client(&self) -> bool {
        matches!(self.session, Session::Client(_))
    }

    /// What rustls knows of the connection.
    pub fn connection(&self) -> &CommonState {
        self.session.get_ref().1
    }

    /// The stream below.
    pub fn get_ref(&self) -> &S {
        &self.session.get_ref().0.stream
    }

    /// The stream below. Reading from it or writing to it breaks the connection.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.session.get_mut().0.stream
    }

    /// Gives the stream below back, without a word to the peer.
    ///
    /// What has been received and not been read is lost, as is what was written and not flushed.
    pub fn into_inner(self) -> S {
        match self.session {
            Session::Client(session) => session.into_inner().0.stream,
            Session::Server(session) => session.into_inner().0.stream,
        }
    }

    fn has_ended(&self) -> bool {
        self.ended.as_ref().is_some_and(|ended| ended.load(Ordering::Acquire))
    }

    /// The plain text that has arrived.
    pub(super) fn reader(&mut self) -> Reader<'_> {
        match &mut self.session {
            Session::Client(session) => session.get_mut().1.reader(),
            Session::Server(session) => session.get_mut().1.reader(),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Ends the connection in both directions: closes this one, and waits until the peer has done the same.
    ///
    /// What the peer still sends is thrown away; its end counts whether it is announced or not. Both together
    /// get the shutdown timeout.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](io::ErrorKind::TimedOut) when the peer does not read, or does not end. Then dropping the
    /// stream ends it, as it does in any case.
    ///
    /// # Panics
    ///
    /// Outside of a loop, where there are no timers, unless the shutdown timeout is [`Duration::MAX`](std::time::Duration::MAX).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: called again, it goes on.
    pub async fn shutdown(&mut self) -> io::Result<()> {
        let limit = self.timeouts.shutdown;
        let end = poll_fn(|cx| self.poll_end(cx));
        match within(limit, end).await {
            Some(result) => result,
            None => Err(timed_out(limit)),
        }
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_close_write(cx))?;
        loop {
            match ready!(self.poll_plain_text(cx)) {
                Ok(0) => return Poll::Ready(Ok(())),
                Ok(count) => io::BufRead::consume(&mut self.reader(), count),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Waits until there is plain text, and tells how much can be had at once; none at the end.
    pub(super) fn poll_plain_text(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            match self.reader().into_first_chunk() {
                Ok(chunk) => return Poll::Ready(Ok(chunk.len())),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Poll::Ready(if self.has_ended() { Ok(0) } else { Err(truncated()) });
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
            if let Some(error) = &self.refused {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error.clone())));
            }
            let writer = self.writer.as_ref();
            let filled = match &mut self.session {
                Session::Client(session) => {
                    let (stream, connection) = session.get_mut();
                    session::poll_fill(stream, connection, writer, cx)
                }
                Session::Server(session) => {
                    let (stream, connection) = session.get_mut();
                    session::poll_fill(stream, connection, writer, cx)
                }
            };
            if let Filled::Refused(error) = ready!(filled)? {
                self.refused = Some(error);
            }
        }
    }
}

fn truncated() -> io::Error {
    let text = "the connection ended without a close_notify: what was received may be cut short";
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

/// Reports a close that took too long.
pub(super) fn timed_out(limit: std::time::Duration) -> io::Error {
    let text = format!("the TLS connection could not be closed within {limit:?}");
    io::Error::new(io::ErrorKind::TimedOut, text)
}

impl<S: fmt::Debug> fmt::Debug for TlsStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream")
            .field("stream", self.get_ref())
            .field("server_name", &self.server_name())
            .field("protocol_version", &self.protocol_version())
            .field("cipher_suite", &self.cipher_suite())
            .finish_non_exhaustive()
    }
}
