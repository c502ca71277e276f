//! Reading a known number of bytes.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;

use futures_io::AsyncRead;

use super::IncompleteReadError;

/// Fills `buf`, or tells what came instead.
///
/// # Errors
///
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) when the stream ends too early; it holds an
/// [`IncompleteReadError`] with the bytes that came, which are at the start of `buf` as well. An error of the
/// reader is passed on as it is.
///
/// # Cancel safety
///
/// Not cancel safe: the bytes read so far are in `buf`, but nobody knows how many they are.
///
/// # Examples
///
/// A client that wants four bytes of a peer that has three:
///
/// ```
/// use futures::AsyncWriteExt;
/// use runtime::net::io::{IncompleteReadError, read_exact};
/// use runtime::net::{TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let mut client = TcpStream::connect(listener.local_addr()?).await?;
///     let (mut server, _) = listener.accept().await?;
///     server.write_all(b"abc").await?;
///     drop(server);
///
///     let error = read_exact(&mut client, &mut [0; 4]).await.unwrap_err();
///     assert_eq!(error.to_string(), "the stream ended after 3 of 4 bytes");
///     let incomplete = error.downcast::<IncompleteReadError>().unwrap();
///     assert_eq!(incomplete.partial(), b"abc");
///     Ok(())
/// })
/// # }
/// ```
pub async fn read_exact<R>(reader: &mut R, buf: &mut [u8]) -> io::Result<()>
where
    R: AsyncRead + Unpin + ?Sized,
{
    let mut filled = 0;
    while filled < buf.len() {
        match poll_fn(|cx| Pin::new(&mut *reader).poll_read(cx, &mut buf[filled..])).await? {
            0 => return Err(IncompleteReadError::error(&buf[..filled], Some(buf.len()))),
            count => filled += count,
        }
    }
    Ok(())
}
