//! The methods and traits that every stream of bytes has, written once.
//!
//! Each macro expects a type with a field `io` that is `Registered`.

/// The inherent methods that wait for something to read, or read without waiting.
macro_rules! reading_methods {
    ($Stream:ident) => {
        /// Reading, without waiting and waiting for it.
        impl $Stream {
            /// Waits until there may be something to read.
            ///
            /// # Errors
            ///
            /// Fails when the loop has been closed.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: readiness stays until a read finds that there is none.
            pub async fn readable(&self) -> std::io::Result<()> {
                self.io.readable().await
            }

            /// Polls for readiness to read. Only the task that polled last is woken.
            ///
            /// # Errors
            ///
            /// Fails when the loop has been closed.
            pub fn poll_read_ready(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                self.io.poll_read_ready(cx).map_ok(drop)
            }

            /// Reads what has arrived; 0 bytes mean that the other end will send no more.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when nothing has arrived, else those of the
            /// system call.
            pub fn try_read(&self, buf: &mut [u8]) -> std::io::Result<usize> {
                crate::stream::try_read(&self.io, buf)
            }

            /// Reads what has arrived into several buffers, one after the other.
            ///
            /// # Errors
            ///
            /// As [`try_read`](Self::try_read).
            pub fn try_read_vectored(
                &self,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> std::io::Result<usize> {
                crate::stream::try_read_vectored(&self.io, bufs)
            }
        }
    };
}

/// The inherent methods that wait for room to write, or write without waiting.
macro_rules! writing_methods {
    ($Stream:ident) => {
        /// Writing, without waiting and waiting for it.
        impl $Stream {
            /// Waits until there may be room to write.
            ///
            /// # Errors
            ///
            /// Fails when the loop has been closed.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: readiness stays until a write finds that there is none.
            pub async fn writable(&self) -> std::io::Result<()> {
                self.io.writable().await
            }

            /// Polls for readiness to write. Only the task that polled last is woken.
            ///
            /// # Errors
            ///
            /// Fails when the loop has been closed.
            pub fn poll_write_ready(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                self.io.poll_write_ready(cx).map_ok(drop)
            }

            /// Writes as much as there is room for.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when there is no room,
            /// [`BrokenPipe`](std::io::ErrorKind::BrokenPipe) when nobody can read it any more, else those of
            /// the system call.
            pub fn try_write(&self, buf: &[u8]) -> std::io::Result<usize> {
                crate::stream::try_write(&self.io, buf)
            }

            /// Writes as much of several buffers as there is room for.
            ///
            /// # Errors
            ///
            /// As [`try_write`](Self::try_write).
            pub fn try_write_vectored(
                &self,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::io::Result<usize> {
                crate::stream::try_write_vectored(&self.io, bufs)
            }
        }
    };
}

/// The inherent methods that wait for readiness of any kind, and that call what the type does not have.
///
/// `$call` calls an operation on the source of events; examples follow what the methods say.
macro_rules! ready_methods {
    (
        $Stream:ident, |$io:pat_param, $operation:ident| $call:expr
        $(, ready: { $(#[$of_ready:meta])* } async_io: { $(#[$of_async_io:meta])* })?
    ) => {
        /// Readiness, and operations that this type does not have.
        impl $Stream {
            /// Waits until it is ready in one of the ways asked for, and tells which.
            ///
            /// Readiness can be out of date; go by the `WouldBlock` of the `try_` methods, which is also what
            /// makes the next call wait.
            ///
            /// # Errors
            ///
            /// Fails when the loop has been closed.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: readiness stays until an operation finds that there is none.
            $($(#[$of_ready])*)?
            pub async fn ready(
                &self,
                interest: runtime_core::reactor::Interest,
            ) -> std::io::Result<runtime_core::reactor::Ready> {
                self.io.ready(interest).await
            }

            /// Calls `operation` if it is ready for that, for calls that this type does not have.
            ///
            /// `operation` acts on the descriptor and returns [`WouldBlock`](std::io::ErrorKind::WouldBlock)
            /// when the system does; that makes the next wait for readiness a wait.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when it is not ready, else those of
            /// `operation`.
            pub fn try_io<R>(
                &self,
                interest: runtime_core::reactor::Interest,
                $operation: impl FnOnce() -> std::io::Result<R>,
            ) -> std::io::Result<R> {
                self.io.try_io(interest, |$io| $call)
            }

            /// Calls `operation` until it returns something other than
            /// [`WouldBlock`](std::io::ErrorKind::WouldBlock), waiting in between.
            ///
            /// # Errors
            ///
            /// Those of `operation`, and that the loop has been closed.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe if `operation` is: it is not called again after the future has been dropped.
            $($(#[$of_async_io])*)?
            pub async fn async_io<R>(
                &self,
                interest: runtime_core::reactor::Interest,
                mut operation: impl FnMut() -> std::io::Result<R>,
            ) -> std::io::Result<R> {
                self.io
                    .with_io(interest, |$io| {
                        let $operation = &mut operation;
                        $call
                    })
                    .await
            }
        }
    };
}

/// The inherent methods of a socket that is connected: looking ahead, ending its directions.
macro_rules! socket_methods {
    ($Stream:ident) => {
        /// Looking ahead, and ending a direction.
        impl $Stream {
            /// Reads without taking the bytes away: the next read returns them again.
            ///
            /// Any number of tasks may wait at once.
            ///
            /// # Errors
            ///
            /// Those of recv(2).
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: nothing is consumed.
            pub async fn peek(&self, buf: &mut [u8]) -> std::io::Result<usize> {
                crate::stream::peek(&self.io, buf).await
            }

            /// Polls for bytes without taking them away. Only the task that polled last is woken.
            ///
            /// # Errors
            ///
            /// Those of recv(2).
            pub fn poll_peek(
                &self,
                cx: &mut std::task::Context<'_>,
                buf: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                crate::stream::poll_peek(&self.io, cx, buf)
            }

            /// Peeks at what has arrived.
            ///
            /// # Errors
            ///
            /// [`WouldBlock`](std::io::ErrorKind::WouldBlock) when nothing has arrived, else those of
            /// recv(2).
            pub fn try_peek(&self, buf: &mut [u8]) -> std::io::Result<usize> {
                if buf.is_empty() {
                    return Ok(0);
                }
                let interest = runtime_core::reactor::Interest::READABLE;
                self.io.try_io(interest, |io| crate::stream::Socket::peek(io, buf))
            }

            /// Shuts down reading, writing or both, at once and for all users of the stream.
            ///
            /// After writing has been shut down the peer reads the end of the stream, and writes here fail.
            ///
            /// # Errors
            ///
            /// Those of shutdown(2); [`NotConnected`](std::io::ErrorKind::NotConnected) when the connection
            /// is gone already.
            pub fn shutdown(&self, how: std::net::Shutdown) -> std::io::Result<()> {
                crate::stream::Socket::shutdown(self.io.get_ref(), how)
            }
        }
    };
}

/// [`futures_io::AsyncRead`], for the stream and for a shared reference to it.
macro_rules! reading_traits {
    ($($Stream:ty),+) => {$(
        impl futures_io::AsyncRead for $Stream {
            #[inline]
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                crate::stream::poll_read(&self.io, cx, buf)
            }

            #[inline]
            fn poll_read_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                crate::stream::poll_read_vectored(&self.io, cx, bufs)
            }
        }
    )+};
}

/// [`futures_io::AsyncWrite`], for the stream and for a shared reference to it; `$close` is what closing
/// does.
macro_rules! writing_traits {
    ($($Stream:ty),+ => $close:path) => {$(
        impl futures_io::AsyncWrite for $Stream {
            #[inline]
            fn poll_write(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                crate::stream::poll_write(&self.io, cx, buf)
            }

            #[inline]
            fn poll_write_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                crate::stream::poll_write_vectored(&self.io, cx, bufs)
            }

            /// Does nothing: there is no buffer of ours.
            #[inline]
            fn poll_flush(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(Ok(()))
            }

            fn poll_close(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready($close(&self.io))
            }
        }
    )+};
}

pub(crate) use {
    reading_methods, reading_traits, ready_methods, socket_methods, writing_methods, writing_traits,
};
