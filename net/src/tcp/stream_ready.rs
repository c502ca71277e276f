//! Readiness of both directions, and operations of one's own.

use std::io;

use runtime_core::reactor::{Interest, Ready};

use super::TcpStream;

/// Readiness, and operations that this type does not have.
impl TcpStream {
    /// Waits until the stream is ready in one of the ways asked for, and tells which.
    ///
    /// Readiness can be out of date; go by the `WouldBlock` of the `try_` methods, which is also what makes
    /// the next call wait.
    ///
    /// # Errors
    ///
    /// Fails when the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: readiness stays until an operation finds that there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{TcpListener, TcpStream};
    /// use runtime::reactor::Interest;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let stream = TcpStream::connect(listener.local_addr()?).await?;
    ///     let ready = stream.ready(Interest::READABLE | Interest::WRITABLE).await?;
    ///     assert!(ready.is_writable() && !ready.is_readable());
    ///     assert_eq!(stream.try_write(b"hello")?, 5);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.io.ready(interest).await
    }

    /// Calls `operation` if the stream is ready for it, for calls that this type does not have.
    ///
    /// `operation` acts on the stream's descriptor and returns [`WouldBlock`](io::ErrorKind::WouldBlock) when
    /// the system does; that makes the next [`readable`](TcpStream::readable) or
    /// [`writable`](TcpStream::writable) wait.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when the stream is not ready, else those of `operation`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, |io| io.try_io(operation))
    }

    /// Calls `operation` until it returns something other than [`WouldBlock`](io::ErrorKind::WouldBlock),
    /// waiting in between.
    ///
    /// # Errors
    ///
    /// Those of `operation`, and that the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe if `operation` is: it is not called again after the future has been dropped.
    ///
    /// # Examples
    ///
    /// A system call of one's own, here to wait for a whole header and leave it in place:
    ///
    /// ```
    /// # #[cfg(unix)]
    /// # mod unix {
    /// use std::io;
    /// use runtime::net::TcpStream;
    /// use runtime::reactor::Interest;
    /// use rustix::net::{RecvFlags, recv};
    ///
    /// async fn header(stream: &TcpStream) -> io::Result<[u8; 8]> {
    ///     let mut header = [0; 8];
    ///     stream.async_io(Interest::READABLE, || {
    ///         match recv(stream, &mut header, RecvFlags::PEEK)? {
    ///             (0, _) => Err(io::ErrorKind::UnexpectedEof.into()),
    ///             (8, _) => Ok(()),
    ///             _ => Err(io::ErrorKind::WouldBlock.into()), // wait for more
    ///         }
    ///     }).await?;
    ///     Ok(header)
    /// }
    /// # }
    /// # fn main() {}
    /// ```
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut operation: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.with_io(interest, |io| io.try_io(&mut operation)).await
    }
}
