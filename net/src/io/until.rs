//! Reading up to a separator.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncBufRead;
use memchr::memmem::Finder;

use super::{IncompleteReadError, LimitOverrunError};

/// Reads into `message` up to and including `separator`, and tells how long the message is.
///
/// At most `limit` bytes may come before the separator. Nothing behind the separator is taken from the
/// reader. `message` has to be empty when a message begins: what is there is taken for its beginning, which
/// makes an interrupted read go on where it was.
///
/// When the stream ends where a message would begin, the length is 0.
///
/// # Errors
///
/// - [`InvalidData`](io::ErrorKind::InvalidData), with a [`LimitOverrunError`], when no separator is found
///   within the limit. No data is lost: `message` holds `limit` bytes and as many more as the separator has,
///   and the reader everything behind them.
/// - [`UnexpectedEof`](io::ErrorKind::UnexpectedEof), with an [`IncompleteReadError`], when the stream ends
///   within a message. What came is in `message`, and in the error.
/// - [`InvalidInput`](io::ErrorKind::InvalidInput) when the separator is empty.
/// - Errors of the reader, as they are. What came before them is in `message`.
///
/// # Cancel safety
///
/// Cancel safe: call it again with the same `message` to go on.
///
/// # Examples
///
/// The lines of a peer, none of which may be longer than 80 bytes:
///
/// ```
/// use futures::AsyncWriteExt;
/// use futures::io::BufReader;
/// use runtime::net::io::read_until;
/// use runtime::net::{TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let mut client = TcpStream::connect(listener.local_addr()?).await?;
///     let (server, _) = listener.accept().await?;
///     client.write_all(b"HELO example.org\r\nQUIT\r\n").await?;
///     client.close().await?;
///
///     let mut server = BufReader::new(server);
///     let (mut line, mut lines) = (Vec::new(), Vec::new());
///     while read_until(&mut server, b"\r\n", 80, &mut line).await? > 0 {
///         lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
///         line.clear();
///     }
///     assert_eq!(lines, ["HELO example.org", "QUIT"]);
///     Ok(())
/// })
/// # }
/// ```
pub async fn read_until<R>(
    reader: &mut R,
    separator: &[u8],
    limit: usize,
    message: &mut Vec<u8>,
) -> io::Result<usize>
where
    R: AsyncBufRead + Unpin + ?Sized,
{
    if separator.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the separator is empty"));
    }
    let finder = Finder::new(separator);
    if let Some(start) = finder.find(message) {
        return within(limit, start).map(|()| start + separator.len());
    }
    let most = limit.saturating_add(separator.len());
    while message.len() < most {
        match poll_fn(|cx| poll_take(Pin::new(&mut *reader), cx, &finder, most, message)).await? {
            Taken::End if message.is_empty() => return Ok(0),
            Taken::End => return Err(IncompleteReadError::error(message, None)),
            Taken::Separator => return Ok(message.len()),
            Taken::Part => {}
        }
    }
    Err(LimitOverrunError::error(limit))
}

fn within(limit: usize, start: usize) -> io::Result<()> {
    if start > limit { Err(LimitOverrunError::error(limit)) } else { Ok(()) }
}

/// What was moved from the reader to the message.
enum Taken {
    /// The stream has ended.
    End,
    /// All up to the end of the separator.
    Separator,
    /// All that the reader had, or the limit allowed.
    Part,
}

fn poll_take<R: AsyncBufRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    finder: &Finder<'_>,
    most: usize,
    message: &mut Vec<u8>,
) -> Poll<io::Result<Taken>> {
    let available = ready!(reader.as_mut().poll_fill_buf(cx))?;
    if available.is_empty() {
        return Poll::Ready(Ok(Taken::End));
    }
    let available = &available[..available.len().min(most - message.len())];
    let end = separator_end(message, available, finder);
    let count = end.unwrap_or(available.len());
    message.extend_from_slice(&available[..count]);
    reader.consume(count);
    Poll::Ready(Ok(if end.is_some() { Taken::Separator } else { Taken::Part }))
}

/// How many bytes of `next` the first separator takes up that ends there.
fn separator_end(before: &[u8], next: &[u8], finder: &Finder<'_>) -> Option<usize> {
    let separator = finder.needle();
    let across = (1..separator.len())
        .rev()
        .find(|&head| before.ends_with(&separator[..head]) && next.starts_with(&separator[head..]));
    match across {
        Some(head) => Some(separator.len() - head),
        None => finder.find(next).map(|start| start + separator.len()),
    }
}
