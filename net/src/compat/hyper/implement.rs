//! The traits of `hyper` in terms of those of `futures-io`.

/// Implements them for a type that reads and writes, vectored writes included.
macro_rules! implement {
    ([$($parameter:ident)?] $stream:ty) => {
        impl<$($parameter)?> hyper::rt::Read for $stream
        where
            $stream: futures_io::AsyncRead,
        {
            #[inline]
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                mut buf: hyper::rt::ReadBufCursor<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                let room = buf.remaining();
                crate::compat::scratch::read(self, cx, room, |bytes| buf.put_slice(bytes))
            }
        }

        impl<$($parameter)?> hyper::rt::Write for $stream
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

pub(super) use implement;
