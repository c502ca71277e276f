//! Our own streams, without an adapter.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::read;
use crate::tcp::{Reader, TcpStream, Writer};

/// Implements reading for what reads by `futures-io`.
macro_rules! implement_read {
    ([$($parameter:ident)?] $stream:ty) => {
        impl<$($parameter)?> AsyncRead for $stream
        where
            $stream: futures_io::AsyncRead,
        {
            #[inline]
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                read::read(self, cx, buf)
            }
        }
    };
}

/// Implements writing for what writes, lists of buffers included, by `futures-io`.
macro_rules! implement_write {
    ([$($parameter:ident)?] $stream:ty) => {
        impl<$($parameter)?> AsyncWrite for $stream
        where
            $stream: futures_io::AsyncWrite,
        {
            #[inline]
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                futures_io::AsyncWrite::poll_write(self, cx, buf)
            }

            #[inline]
            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                futures_io::AsyncWrite::poll_write_vectored(self, cx, bufs)
            }

            #[inline]
            fn is_write_vectored(&self) -> bool {
                true
            }

            #[inline]
            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                futures_io::AsyncWrite::poll_flush(self, cx)
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                futures_io::AsyncWrite::poll_close(self, cx)
            }
        }
    };
}

implement_read!([] TcpStream);
implement_write!([] TcpStream);
implement_read!([S] Reader<S>);
implement_write!([S] Writer<S>);
