//! The standard input of this process.

use std::io::{self, IsTerminal};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::AsyncRead;

use super::buffered::BufferedStdin;
use super::input::Input;
use super::leftovers;

/// Returns the standard input of this process.
///
/// Nothing happens before the first read, which finds out what the input is, and registers it with the loop
/// that is current then.
///
/// # Examples
///
/// A filter:
///
/// ```no_run
/// use futures::io::copy;
/// use runtime::process::{stdin, stdout};
///
/// # fn main() -> std::io::Result<()> {
/// let bytes = runtime::run(async { copy(stdin(), &mut stdout()).await })?;
/// eprintln!("{bytes} bytes have passed");
/// # Ok(())
/// # }
/// ```
pub fn stdin() -> Stdin {
    Stdin { input: None }
}

/// The standard input of this process, made by [`stdin`].
///
/// It reads through [`AsyncRead`], without a buffer; [`buffered`](Stdin::buffered) puts one behind it. Any
/// number of objects may exist at once, each of which takes what it reads from the others.
///
/// **A pending read never holds up the exit** of the loop or of the program. **The input stays in blocking
/// mode** for all who share it, be it the terminal of a shell, which also gets its terminal back as it was
/// when the program is killed.
///
/// # Pipes, terminals, sockets
///
/// On Linux the loop waits for these, and a byte is taken only by a read that returns it. A pipe or a
/// terminal is opened a second time for that, by its name in `/proc`, so that closing descriptor 0 does not
/// close it as long as the object lives.
///
/// # Everything else
///
/// Files, and pipes and terminals that cannot be opened again (there is no `/proc`, they belong to another
/// user, the system is not Linux), are read on a thread. It starts to read when a read is polled, and takes
/// as much as that read has asked for, at most 64 KiB. When that read is dropped, the bytes go to the next
/// one of this process, whoever makes it; they are not there any more for a child that inherits the input.
///
/// # Beside the standard library
///
/// What [`std::io::stdin`] has in its buffer is not seen here, nor the other way round. Use one of them.
#[derive(Debug)]
pub struct Stdin {
    /// None before the first read.
    input: Option<Input>,
}

impl Stdin {
    /// Puts a buffer behind the input, for reading lines.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use futures::{AsyncBufReadExt, TryStreamExt};
    /// use runtime::process::stdin;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut lines = stdin().buffered().lines();
    ///     while let Some(line) = lines.try_next().await? {
    ///         println!("{}", line.to_uppercase());
    ///     }
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn buffered(self) -> BufferedStdin {
        BufferedStdin::new(self)
    }

    /// Tells whether the input is a terminal.
    pub fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }
}

impl AsyncRead for Stdin {
    /// Reads what is there; 0 bytes are the end, after which a terminal may have more to say.
    ///
    /// The errors are those of read(2); for pipes, terminals and sockets also that there is no loop.
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let count = leftovers::take(buf);
        if count > 0 {
            return Poll::Ready(Ok(count));
        }
        let input = match &mut self.input {
            Some(input) => input,
            none => none.insert(Input::open()?),
        };
        let count = ready!(input.poll_read(cx, buf))?;
        Poll::Ready(Ok(count))
    }
}
