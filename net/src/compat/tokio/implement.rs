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
            crate::compat::forward_writes!(
                |stream| stream, futures_io::AsyncWrite, poll_shutdown => poll_close
            );

            #[inline]
            fn is_write_vectored(&self) -> bool {
                true
            }
        }
    };
}

pub(super) use {implement_read, implement_write};
