//! The pipe to a child's standard input.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::process::{self, Stdio};
use std::task::{Context, Poll};

use futures_io::AsyncWrite;

use super::sys::Writer;

/// The pipe to a child's standard input, if that was [piped](Stdio::piped).
///
/// It writes through [`futures_io::AsyncWrite`], without a buffer of its own. **The child reads the end of
/// its input when this is closed** (`AsyncWriteExt::close`) **or dropped**, and not before;
/// [`Child::wait`](crate::Child::wait) drops it, too.
///
/// When the child has gone, or has closed its input, writing fails with
/// [`BrokenPipe`](io::ErrorKind::BrokenPipe), provided that the process ignores `SIGPIPE`, as Rust programs
/// do unless told otherwise.
///
/// # Examples
///
/// ```
/// use std::process::Stdio;
/// use futures::AsyncWriteExt;
/// use runtime::process::Command;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let mut child = Command::new("sort").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
///     let mut stdin = child.stdin.take().expect("it is piped");
///     stdin.write_all(b"b\na\n").await?;
///     stdin.close().await?; // sort waits for the end of its input
///     assert_eq!(child.wait_with_output().await?.stdout, b"a\nb\n");
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct ChildStdin {
    pub(super) pipe: Writer,
}

impl ChildStdin {
    /// Takes over the pipe of a child that was spawned by the standard library, and makes it nonblocking.
    ///
    /// # Errors
    ///
    /// Fails outside a loop, and when the system refuses to watch the pipe, which is then closed.
    pub fn from_std(stdin: process::ChildStdin) -> io::Result<ChildStdin> {
        Ok(ChildStdin { pipe: Writer::new(stdin)? })
    }

    /// Writes as much as there is room for, without waiting.
    pub(crate) fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.pipe.try_write(buf)
    }
}

impl AsyncWrite for ChildStdin {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.pipe.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.pipe.poll_write_vectored(cx, bufs)
    }

    /// Does nothing on Unix: there is no buffer of ours.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe.poll_flush(cx)
    }

    /// Closes the pipe, so that the child reads the end of its input. Later writes fail.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe.poll_close(cx)
    }
}

impl TryFrom<process::ChildStdin> for ChildStdin {
    type Error = io::Error;

    /// As [`from_std`](ChildStdin::from_std).
    fn try_from(stdin: process::ChildStdin) -> io::Result<ChildStdin> {
        ChildStdin::from_std(stdin)
    }
}

impl TryFrom<ChildStdin> for Stdio {
    type Error = io::Error;

    /// Hands the pipe to another child, in blocking mode: what that one writes, this one reads.
    ///
    /// Fails when the pipe has been closed, and when the loop cannot let go of it.
    fn try_from(stdin: ChildStdin) -> io::Result<Stdio> {
        stdin.pipe.into_blocking().map(Stdio::from)
    }
}
