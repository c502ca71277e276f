//! Copying between two streams, both ways at once.

mod buffered;
mod error;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "spliced_linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "spliced_other.rs")]
mod spliced;

use futures_io::{AsyncRead, AsyncWrite};

pub use self::error::CopyBidirectionalError;
use crate::zero_copy;

/// How much is copied at a time.
const BUFFER: usize = 64 * 1024;
/// How many reads and writes in a row before other tasks have their turn.
const CALLS: u32 = 32;

/// Copies between two streams, both ways at once, until both have come to their end.
///
/// This is what a proxy does. The end of either stream is passed on when everything before it has been
/// written: the other one is closed for writing, and goes on to be read. The output tells how many bytes went
/// from `a` to `b`, and from `b` to `a`.
///
/// On Linux the kernel moves the bytes by splice(2) when both streams are sockets, TCP or Unix, or the
/// [`Connection`](crate::server::Connection)s of a server over such, which saves about a third of the
/// processor time, and all of the memory. Any other stream, and any other system, has a buffer of 64 KiB for
/// each direction. The kernel needs a pipe for it, which is borrowed from a stock of the loop's while there
/// is something in it: a connection at rest has none. When no descriptors are left, a buffer takes its place.
/// The streams have to be `'static`, by which the sockets are recognised; others can use
/// [`copy_bidirectional_with_sizes`].
///
/// splice(2) cannot be told to do without `SIGPIPE`, so it is left alone where that signal is not ignored, as it
/// is in every Rust program that does not ask otherwise. A process is asked once, at the first copy: change
/// what the signal does before that.
///
/// Gives way to other tasks after each few megabytes.
///
/// # Errors
///
/// The first failure of a read or a write ends both directions. The [`CopyBidirectionalError`] tells how far
/// either had come; it becomes an [`io::Error`](std::io::Error) by `?`.
///
/// # Cancel safety
///
/// Not cancel safe: what has been read and not yet written, some hundred kilobytes at most for each
/// direction, is lost when the future is dropped. Neither stream is closed then.
///
/// # Examples
///
/// ```
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{self, TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let service = TcpListener::bind("127.0.0.1:0").await?;
///     let proxy = TcpListener::bind("127.0.0.1:0").await?;
///     let (behind, address) = (service.local_addr()?, proxy.local_addr()?);
///     let proxying = runtime::spawn(async move {
///         let (mut client, _) = proxy.accept().await?;
///         let mut server = TcpStream::connect(behind).await?;
///         let (up, down) = net::copy_bidirectional(&mut client, &mut server).await?;
///         Ok::<_, std::io::Error>((up, down))
///     });
///
///     let mut client = TcpStream::connect(address).await?;
///     client.write_all(b"question").await?;
///     client.close().await?;
///
///     let (mut server, _) = service.accept().await?;
///     let mut question = String::new();
///     server.read_to_string(&mut question).await?; // the end has come through the proxy
///     server.write_all(b"answer").await?;
///     drop(server);
///
///     let mut answer = String::new();
///     client.read_to_string(&mut answer).await?;
///     assert_eq!((question.as_str(), answer.as_str()), ("question", "answer"));
///     assert_eq!(proxying.await.expect("it does not panic")?, (8, 6));
///     Ok(())
/// })
/// # }
/// ```
pub async fn copy_bidirectional<A, B>(
    a: &mut A,
    b: &mut B,
) -> Result<(u64, u64), CopyBidirectionalError>
where
    A: AsyncRead + AsyncWrite + Unpin + 'static,
    B: AsyncRead + AsyncWrite + Unpin + 'static,
{
    if let (Some(a), Some(b)) = (zero_copy::find(a), zero_copy::find(b)) {
        return spliced::copy(a, b).await;
    }
    buffered::copy(a, b, BUFFER, BUFFER).await
}

/// Copies between two streams, both ways at once, by way of buffers of these sizes in bytes.
///
/// As [`copy_bidirectional`], for streams of any kind and always through buffers. A size of 0 counts as 1.
///
/// # Errors
///
/// As for [`copy_bidirectional`].
///
/// # Cancel safety
///
/// Not cancel safe: what has been read and not yet written, a buffer at most for each direction, is lost when
/// the future is dropped.
///
/// # Examples
///
/// A client in plain text to a server with TLS, of which the one mostly listens:
///
/// ```
/// use futures::{AsyncRead, AsyncWrite};
/// use runtime::net::{self, TcpStream};
///
/// async fn forward<S>(client: &mut TcpStream, server: &mut S) -> std::io::Result<()>
/// where
///     S: AsyncRead + AsyncWrite + Unpin,
/// {
///     let (up, down) =
///         net::copy_bidirectional_with_sizes(client, server, 4 * 1024, 128 * 1024).await?;
///     println!("{up} bytes asked, {down} bytes answered");
///     Ok(())
/// }
/// # async fn typed(a: &mut TcpStream, b: &mut TcpStream) -> std::io::Result<()> {
/// #     forward(a, b).await
/// # }
/// ```
pub async fn copy_bidirectional_with_sizes<A, B>(
    a: &mut A,
    b: &mut B,
    a_to_b: usize,
    b_to_a: usize,
) -> Result<(u64, u64), CopyBidirectionalError>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    buffered::copy(a, b, a_to_b.max(1), b_to_a.max(1)).await
}
