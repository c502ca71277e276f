//! What the two streams that are written to have in common, which is everything.

/// Writes out the type of a stream; `$stream` is what it is called, here and in the standard library.
macro_rules! stream_to_write {
    ($Stream:ident, $stream:ident) => {
        #[doc = concat!("A standard stream of this process that is written to, made by [`", stringify!($stream), "`].")]
        ///
        /// It writes through [`AsyncWrite`](futures_io::AsyncWrite), as much at a time as there is room for.
        /// **It stays in blocking mode** for all who share it, be it the terminal of a shell, which also gets
        /// its terminal back as it was when the program is killed.
        ///
        /// # The end of the program
        ///
        /// On Unix nothing is buffered here: what a write has accepted has been handed to the system, and is
        /// not lost at the exit, flushed or not. Elsewhere the standard library has a buffer; flush it.
        /// Closing does what flushing does, and closes nothing.
        ///
        /// # What is waited for
        ///
        /// On Linux the loop waits for pipes, terminals and sockets. A pipe or a terminal is opened a second
        /// time for that, by its name in `/proc`, so that closing the standard stream does not close it as
        /// long as the object lives. Where that is impossible (there is no `/proc`, the terminal is another
        /// user's, the system is another Unix) up to 512 bytes are written whenever poll(2) reports room for
        /// as much; if another process is faster in filling that very room, the loop blocks until somebody
        /// reads. Files are written to at once, as by `println!`, and so is everything on Windows.
        ///
        /// # Beside the standard library
        ///
        #[doc = concat!("What is still in the buffer of [`std::io::", stringify!($stream), "`], such as half a line of `print!`, comes later than what is")]
        /// written here, unless it is flushed first.
        #[derive(Debug)]
        pub struct $Stream {
            /// None before the first write.
            output: Option<super::output::Output>,
        }

        impl $Stream {
            /// Tells whether the stream is a terminal.
            pub fn is_terminal(&self) -> bool {
                std::io::IsTerminal::is_terminal(&std::io::$stream())
            }
        }

        impl futures_io::AsyncWrite for $Stream {
            /// Writes as much as there is room for.
            ///
            /// The errors are those of write(2), among them [`BrokenPipe`](std::io::ErrorKind::BrokenPipe);
            /// for pipes, terminals and sockets also that there is no loop.
            fn poll_write(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                let output = match &mut self.output {
                    Some(output) => output,
                    none => none.insert(super::output::Output::open(super::Target::$Stream)?),
                };
                output.poll_write(cx, buf)
            }

            /// Hands on what is in a buffer of the standard library; on Unix there is none.
            fn poll_flush(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                match &mut self.output {
                    Some(output) => output.poll_flush(cx),
                    None => std::task::Poll::Ready(Ok(())),
                }
            }

            /// Flushes; the stream stays open.
            fn poll_close(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                self.poll_flush(cx)
            }
        }
    };
}

pub(super) use stream_to_write;
