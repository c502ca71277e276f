//! The traits of `tokio` in terms of those of `futures-io`.

/// Implements reading for a type that reads.
macro_rules! implement_read {
    ([$($parameter:tt)*] $stream:ty) => {
        impl<$($parameter)*> tokio::io::AsyncRead for $stream
        where
            $stream: futures_io::AsyncRead,
        {
            #[inline]
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                crate::compat::tokio::read::read(self, cx, buf)
            }
        }
    };
}

/// Implements writing for a type that writes, vectored writes included.
macro_rules! implement_write {
    ([$($parameter:tt)*] $stream:ty) => {
        impl<$($parameter)*> tokio::io::AsyncWrite for $stream
        where
            $stream: futures_io::AsyncWrite,
        {
            #[inline]
            fn poll_write(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                futures_io::AsyncWrite::poll_write(self, cx, buf)
            }

            #[inline]
            fn poll_write_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                futures_io::AsyncWrite::poll_write_vectored(self, cx, bufs)
            }

            #[inline]
            fn is_write_vectored(&self) -> bool {
                true
            }

            #[inline]
            fn poll_flush(self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
                futures_io::AsyncWrite::poll_flush(self, cx)
            }

            fn poll_shutdown(self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
                futures_io::AsyncWrite::poll_close(self, cx)
            }
        }
    };
}

pub(super) use {implement_read, implement_write};
