//! Writing by one trait in terms of another one.

/// The methods of a trait for writing, but for `is_write_vectored`: `$stream` is what writes by `$Trait`, and
/// the two names are what the traits call the end.
macro_rules! forward_writes {
    (|$this:ident| $stream:expr, $Trait:path, $here:ident => $there:ident) => {
        #[inline]
        fn poll_write(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buf: &[u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            let $this = self;
            <_ as $Trait>::poll_write($stream, cx, buf)
        }

        #[inline]
        fn poll_write_vectored(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            bufs: &[std::io::IoSlice<'_>],
        ) -> std::task::Poll<std::io::Result<usize>> {
            let $this = self;
            <_ as $Trait>::poll_write_vectored($stream, cx, bufs)
        }

        #[inline]
        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let $this = self;
            <_ as $Trait>::poll_flush($stream, cx)
        }

        fn $here(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let $this = self;
            <_ as $Trait>::$there($stream, cx)
        }
    };
}

pub(super) use forward_writes;
