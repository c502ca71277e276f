//! What a child is told, and what it says, all at once.

use std::future::poll_fn;
use std::io;
use std::process::Output;

use futures_util::future::try_join3;
use futures_util::io::AsyncWriteExt;

use super::Child;
use crate::pipe::{ChildStderr, ChildStdin, ChildStdout, Reader};

/// Input and output as a whole.
impl Child {
    /// Reads the standard output and the standard error of the child to their ends, and waits until it has
    /// ended.
    ///
    /// Whichever of the two is not piped, or was taken, comes out empty. [`stdin`](Child::stdin) is closed
    /// first. All is read at the same time, so that the child cannot get stuck on a full pipe.
    ///
    /// # Errors
    ///
    /// Those of reading, and of [`wait`](Child::wait).
    ///
    /// # Cancel safety
    ///
    /// What was read so far is lost. The child lives on unless [`kill_on_drop`](crate::Command::kill_on_drop)
    /// was asked for, and is reaped in either case.
    pub async fn wait_with_output(mut self) -> io::Result<Output> {
        self.communicate([]).await
    }

    /// Writes `input` to the standard input of the child and closes it, reads standard output and standard
    /// error to their ends, and waits until the child has ended.
    ///
    /// All of it happens at the same time, so that neither side gets stuck on a full pipe. Whichever output
    /// is not piped, or was taken, comes out empty. That the child does not read all of its input is no
    /// error: it may well have seen enough.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if there is input, and the standard input of the child
    /// is not piped or was taken. Else those of reading, of writing (but not
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe)), and of [`wait`](Child::wait).
    ///
    /// # Cancel safety
    ///
    /// What was read so far is lost, and the standard input is closed. The child itself lives on, and the
    /// rest of its output can be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::process::Stdio;
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut sort =
    ///         Command::new("sort").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    ///     let output = sort.communicate("pears\napples\n").await?;
    ///     assert_eq!(output.stdout, b"apples\npears\n");
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn communicate(&mut self, input: impl AsRef<[u8]>) -> io::Result<Output> {
        let input = input.as_ref();
        let stdin = self.stdin.take();
        if stdin.is_none() && !input.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "there is input for the child, but its standard input is not piped",
            ));
        }
        let talk = try_join3(
            feed(stdin, input),
            read_to_end(self.stdout.as_mut().map(ChildStdout::reader)),
            read_to_end(self.stderr.as_mut().map(ChildStderr::reader)),
        );
        let ((), stdout, stderr) = talk.await?;
        (self.stdout, self.stderr) = (None, None);
        let status = self.wait().await?;
        Ok(Output { status, stdout, stderr })
    }
}

/// Writes all of the input, as far as the child wants to read it.
async fn feed(stdin: Option<ChildStdin>, input: &[u8]) -> io::Result<()> {
    let Some(mut stdin) = stdin else { return Ok(()) };
    let written = async {
        stdin.write_all(input).await?;
        stdin.close().await
    };
    match written.await {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Reads all there is.
///
/// That of the `futures` crate clears the free part of the vector each time that it has waited, which takes
/// the square of the time for huge output that comes in small pieces.
async fn read_to_end(pipe: Option<&mut Reader>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        while poll_fn(|cx| pipe.poll_append(cx, &mut bytes)).await? > 0 {}
    }
    Ok(bytes)
}
