//! The pipes from a child's standard output and standard error.

use std::io::{self, IoSliceMut};
use std::pin::Pin;
use std::process::{self, Stdio};
use std::task::{Context, Poll};

use futures_io::AsyncRead;

use super::sys::Reader;

/// The pipe from a child's standard output, if that was [piped](Stdio::piped).
///
/// It reads through [`futures_io::AsyncRead`]. The end comes when the last process that has the pipe as its
/// output has closed it or has ended: a child of the child may hold it open for longer than the child lives.
/// A child that writes to a pipe which has been dropped here is killed by `SIGPIPE`, unless it ignores that.
///
/// # Examples
///
/// The lines of a program, as they come:
///
/// ```
/// use std::process::Stdio;
/// use futures::{AsyncBufReadExt, TryStreamExt, io::BufReader};
/// use runtime::process::Command;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let mut child = Command::shell("echo one; echo two").stdout(Stdio::piped()).spawn()?;
///     let stdout = child.stdout.take().expect("it is piped");
///     let lines: Vec<String> = BufReader::new(stdout).lines().try_collect().await?;
///     assert_eq!(lines, ["one", "two"]);
///     assert!(child.wait().await?.success());
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct ChildStdout {
    pub(super) pipe: Reader,
}

/// The pipe from a child's standard error, if that was [piped](Stdio::piped).
///
/// Everything said of [`ChildStdout`] holds for it as well.
#[derive(Debug)]
pub struct ChildStderr {
    pub(super) pipe: Reader,
}

macro_rules! output {
    ($Output:ident) => {
        impl $Output {
            /// Takes over the pipe of a child that was spawned by the standard library, and makes it
            /// nonblocking.
            ///
            /// # Errors
            ///
            /// Fails outside a loop, and when the system refuses to watch the pipe, which is then closed.
            pub fn from_std(output: process::$Output) -> io::Result<$Output> {
                Ok($Output { pipe: Reader::new(output)? })
            }

            pub(crate) fn reader(&mut self) -> &mut Reader {
                &mut self.pipe
            }
        }

        impl AsyncRead for $Output {
            #[inline]
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.pipe.poll_read(cx, buf)
            }

            fn poll_read_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                self.pipe.poll_read_vectored(cx, bufs)
            }
        }

        impl TryFrom<process::$Output> for $Output {
            type Error = io::Error;

            /// As `from_std`.
            fn try_from(output: process::$Output) -> io::Result<$Output> {
                $Output::from_std(output)
            }
        }

        impl TryFrom<$Output> for Stdio {
            type Error = io::Error;

            /// Hands the pipe to another child, in blocking mode: what this one writes, that one reads.
            ///
            /// Fails when the loop cannot let go of the pipe.
            fn try_from(output: $Output) -> io::Result<Stdio> {
                output.pipe.into_blocking().map(Stdio::from)
            }
        }
    };
}

output!(ChildStdout);
output!(ChildStderr);
