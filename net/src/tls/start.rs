//! TLS for connections that began in plain text.

use std::io;

use futures_io::{AsyncRead, AsyncWrite};

use super::{TlsAcceptor, TlsConnector, TlsStream, ToServerName, handshake};

/// Goes on as a client, over TLS, on a stream that has been used in plain text.
///
/// This is [`TlsConnector::connect`] by the name that people look for. When the stream is a `BufReader`, what
/// it has read and not given out goes to TLS before anything else that arrives; nothing is lost. What was
/// meant as plain text and came too late is not taken for a message that was encrypted, but makes the
/// handshake fail.
///
/// # Errors
///
/// As [`TlsConnector::connect`].
///
/// # Panics
///
/// As [`TlsConnector::connect`].
///
/// # Cancel safety
///
/// The stream is dropped with the future.
///
/// # Examples
///
/// A client of a mail server:
///
/// ```
/// use futures::io::BufReader;
/// use futures::{AsyncBufReadExt, AsyncWriteExt};
/// use runtime::net::TcpStream;
/// use runtime::net::tls::{TlsConnector, TlsStream, start_tls};
///
/// async fn secure(
///     mut stream: BufReader<TcpStream>,
///     connector: &TlsConnector,
/// ) -> std::io::Result<TlsStream<BufReader<TcpStream>>> {
///     stream.write_all(b"STARTTLS\r\n").await?;
///     let mut answer = String::new();
///     stream.read_line(&mut answer).await?;
///     if !answer.starts_with("220 ") {
///         return Err(std::io::Error::other(format!("no TLS here: {answer}")));
///     }
///     start_tls(connector, "mail.example.org", stream).await
/// }
/// # let _ = secure;
/// ```
pub async fn start_tls<S>(
    connector: &TlsConnector,
    host: impl ToServerName,
    stream: S,
) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    connector.connect(host, stream).await
}

/// Goes on as a client, over TLS, on a stream from which the bytes `unread` have been taken and not been
/// used.
///
/// For readers other than `BufReader`, and to get the stream out of one:
/// `start_tls_with(connector, host, unread, reader.into_inner())` with `unread = reader.buffer().to_vec()`.
///
/// # Errors
///
/// As [`TlsConnector::connect`].
///
/// # Panics
///
/// As [`TlsConnector::connect`].
///
/// # Cancel safety
///
/// The stream is dropped with the future.
pub async fn start_tls_with<S>(
    connector: &TlsConnector,
    host: impl ToServerName,
    unread: impl Into<Vec<u8>>,
    stream: S,
) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = connector.name_for(host)?;
    handshake::connect(connector, name, stream, unread.into()).await
}

/// Goes on as a server, over TLS, on a stream that has been used in plain text.
///
/// This is [`TlsAcceptor::accept`] by the name that people look for, and keeps what is in a `BufReader` as
/// [`start_tls`] does.
///
/// # Errors
///
/// As [`TlsAcceptor::accept`].
///
/// # Panics
///
/// As [`TlsAcceptor::accept`].
///
/// # Cancel safety
///
/// The stream is dropped with the future.
pub async fn start_tls_server<S>(acceptor: &TlsAcceptor, stream: S) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    acceptor.accept(stream).await
}

/// Goes on as a server, over TLS, on a stream from which the bytes `unread` have been taken and not been
/// used.
///
/// # Errors
///
/// As [`TlsAcceptor::accept`].
///
/// # Panics
///
/// As [`TlsAcceptor::accept`].
///
/// # Cancel safety
///
/// The stream is dropped with the future.
///
/// # Examples
///
/// One port for those who speak TLS and those who do not, told apart by their first byte:
///
/// ```
/// use futures::AsyncReadExt;
/// use runtime::net::TcpStream;
/// use runtime::net::tls::{TlsAcceptor, start_tls_server_with};
///
/// async fn serve(mut stream: TcpStream, acceptor: &TlsAcceptor) -> std::io::Result<()> {
///     let mut first = [0];
///     stream.read_exact(&mut first).await?;
///     // Every handshake begins with this (RFC 8446, section 5.1).
///     if first == [22] {
///         let _stream = start_tls_server_with(acceptor, first, stream).await?;
///         // ...
///     }
///     Ok(())
/// }
/// # let _ = serve;
/// ```
pub async fn start_tls_server_with<S>(
    acceptor: &TlsAcceptor,
    unread: impl Into<Vec<u8>>,
    stream: S,
) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    handshake::accept(acceptor, stream, unread.into()).await
}
