//! Sending files.

mod buffered;
mod error;
mod sink;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "system_linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "system_other.rs")]
mod system;

use std::fmt;
use std::fs::File;
use std::future::IntoFuture;
use std::io;
use std::pin::Pin;

pub use self::error::SendFileError;
pub use self::sink::FileSink;

/// Sends a part of a file over a stream, without copying it through the program where the system can do that.
///
/// The stream is a [`&TcpStream`](crate::TcpStream), a `&UnixStream`, the writing half of one, or `&mut`
/// anything that implements [`AsyncWrite`](futures_io::AsyncWrite), such as a TLS stream. `offset` is where
/// in the file to begin, in bytes; the position of the file is not used, and changed on Windows only. `count`
/// is how many bytes to send, at most: a number, or `None` for all up to the end of the file. Nothing happens
/// before the result is awaited.
///
/// On Linux the kernel moves the bytes to a socket by sendfile(2). Elsewhere, for other streams, and for
/// files that the kernel refuses, the *fallback* reads the file into a buffer, on the blocking pool, and
/// writes that; [`SendFile::fallback`] forbids it. sendfile(2) itself reads from the disk on the loop's
/// thread what is not in the system's cache, so for large files on slow disks the fallback with its threads
/// may be what you want: wrap the stream.
///
/// sendfile(2) cannot be told to do without `SIGPIPE`, so it is left alone where that signal is not ignored, as
/// it is in every Rust program that does not ask otherwise. A process is asked once, at the first transfer:
/// change what the signal does before that.
///
/// Gives way to other tasks after each few megabytes. The output is the number of bytes sent, which is less
/// than `count` if the file ends before, be it that it shrinks meanwhile; it is 0 for an `offset` past the
/// end.
///
/// # Errors
///
/// Those of reading the file, and of writing to the stream when the peer is gone, in a [`SendFileError`] that
/// tells how many bytes were sent before. It becomes an [`io::Error`] by `?`. It is also an error to need the
/// fallback outside a loop.
///
/// # Cancel safety
///
/// Dropping the future stops the transfer anywhere in between. What the peer gets is the beginning of the
/// part to send; how much of it is not known.
///
/// # Examples
///
/// ```
/// use std::fs::File;
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{self, TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// # let path = std::env::temp_dir().join(format!("sendfile-{}", std::process::id()));
/// std::fs::write(&path, "hello, world")?;
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let mut client = TcpStream::connect(listener.local_addr()?).await?;
///     let (mut server, _) = listener.accept().await?;
///
///     let file = File::open(&path)?;
///     assert_eq!(net::sendfile(&server, &file, 7, None).await?, 5);
///     server.close().await?;
///
///     let mut text = String::new();
///     client.read_to_string(&mut text).await?;
///     assert_eq!(text, "world");
/// #   std::fs::remove_file(&path)?;
///     Ok(())
/// })
/// # }
/// ```
pub fn sendfile<'a>(
    stream: impl Into<FileSink<'a>>,
    file: &'a File,
    offset: u64,
    count: impl Into<Option<u64>>,
) -> SendFile<'a> {
    SendFile {
        sink: stream.into(),
        part: Part { file, offset, left: count.into().unwrap_or(u64::MAX), sent: 0 },
        fallback: true,
    }
}

/// A file about to be sent, made by [`sendfile`]; to be awaited.
#[must_use = "nothing is sent before this is awaited"]
pub struct SendFile<'a> {
    sink: FileSink<'a>,
    part: Part<'a>,
    fallback: bool,
}

impl<'a> SendFile<'a> {
    /// Sets whether the file may be copied through a buffer where the system does not move it; the default is
    /// `true`.
    ///
    /// If not, and it comes to that, the error is [`Unsupported`](io::ErrorKind::Unsupported).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::fs::File;
    /// use std::io::ErrorKind;
    /// use runtime::net;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let file = File::open(std::env::current_exe()?)?;
    ///     let mut memory = Vec::new();
    ///     let refusal = net::sendfile(&mut memory, &file, 0, 4).fallback(false).await.unwrap_err();
    ///     assert_eq!(refusal.kind(), ErrorKind::Unsupported);
    ///     assert_eq!(net::sendfile(&mut memory, &file, 0, 4).await?, 4);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn fallback(mut self, allowed: bool) -> SendFile<'a> {
        self.fallback = allowed;
        self
    }

    async fn run(mut self) -> Result<u64, SendFileError> {
        let outcome = transfer(&mut self.sink, &mut self.part, self.fallback).await;
        let sent = self.part.sent;
        outcome.map(|()| sent).map_err(|cause| SendFileError { sent, cause })
    }
}

async fn transfer(sink: &mut FileSink<'_>, part: &mut Part<'_>, fallback: bool) -> io::Result<()> {
    if i64::try_from(part.offset).is_err() {
        let message = format!("no file has a byte at {}, which is beyond 2^63", part.offset);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    if let Some(socket) = sink.socket {
        if system::send(socket, part).await? {
            return Ok(());
        }
    }
    if !fallback {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "the system does not send this kind of file over this kind of stream by itself; allow the fallback, \
             or send it in pieces",
        ));
    }
    buffered::send(&mut *sink.writer, part).await
}

impl<'a> IntoFuture for SendFile<'a> {
    type Output = Result<u64, SendFileError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for SendFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendFile")
            .field("file", &self.part.file)
            .field("offset", &self.part.offset)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

/// What there is to send, and how far it has come.
struct Part<'a> {
    file: &'a File,
    /// Of the next byte.
    offset: u64,
    /// How many bytes there still are to send, if the file has them.
    left: u64,
    sent: u64,
}

impl Part<'_> {
    /// Returns how many bytes to ask for if a call takes `most`.
    fn next(&self, most: usize) -> usize {
        // The system refuses to look beyond what a file can have.
        let left = self.left.min(i64::MAX as u64 - self.offset);
        usize::try_from(left).unwrap_or(usize::MAX).min(most)
    }

    /// Records that bytes have been sent.
    fn advance(&mut self, count: usize) {
        let count = count as u64;
        self.offset += count;
        self.left -= count;
        self.sent += count;
    }
}
