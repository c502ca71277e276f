//! Readiness of both directions, and operations of one's own.

use super::TcpStream;
use crate::stream::ready_methods;

ready_methods! {
    TcpStream, |io, operation| io.try_io(operation),
    ready: {
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
    }
    async_io: {
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
    }
}
