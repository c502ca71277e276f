//! Reading and writing through the traits of `futures-io`.

use std::io::{self, BufRead, IoSlice, Read};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};
use runtime_core::time;

use super::TlsStream;
use super::stream::{Closing, timed_out};

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buf.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let this = self.get_mut();
        if ready!(this.poll_plain_text(cx))? == 0 {
            return Poll::Ready(Ok(0));
        }
        Poll::Ready(this.reader().read(buf))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncBufRead for TlsStream<S> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if ready!(this.poll_plain_text(cx))? == 0 {
            return Poll::Ready(Ok(&[]));
        }
        Poll::Ready(this.reader().into_first_chunk())
    }

    fn consume(self: Pin<&mut Self>, count: usize) {
        self.get_mut().reader().consume(count);
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check_open()?;
        let written = Pin::new(&mut this.session).poll_write(cx, buf);
        this.remember(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check_open()?;
        let written = Pin::new(&mut this.session).poll_write_vectored(cx, bufs);
        this.remember(written, cx)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.session).poll_flush(cx);
        this.remember(flushed, cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_close_write(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Announces the end and closes the stream below for writing, within the time for it.
    pub(super) fn poll_close_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let limit = self.timeouts.shutdown;
        match self.closing {
            Closing::Open => self.closing = Closing::Begun,
            Closing::GivenUp => return Poll::Ready(Err(timed_out(limit))),
            Closing::Begun | Closing::Waiting(_) => {}
        }
        let closed = Pin::new(&mut self.session).poll_close(cx);
        if self.remember(closed, cx)?.is_ready() {
            self.closing = Closing::Begun;
            return Poll::Ready(Ok(()));
        }
        if limit == time::Duration::MAX {
            return Poll::Pending;
        }
        if !matches!(self.closing, Closing::Waiting(_)) {
            self.closing = Closing::Waiting(time::sleep(limit));
        }
        if let Closing::Waiting(sleep) = &mut self.closing {
            ready!(Pin::new(sleep).poll(cx));
        }
        self.closing = Closing::GivenUp;
        Poll::Ready(Err(timed_out(limit)))
    }

    fn check_open(&self) -> io::Result<()> {
        match self.closing {
            Closing::Open => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the TLS connection has been closed for writing",
            )),
        }
    }

    /// Keeps the waker of a writer that has to wait, and hands the outcome on.
    fn remember<T>(&mut self, outcome: Poll<T>, cx: &Context<'_>) -> Poll<T> {
        let waiting = match &self.writer {
            Some(waker) => outcome.is_pending() && waker.will_wake(cx.waker()),
            None => outcome.is_ready(),
        };
        if !waiting {
            let waker = outcome.is_pending().then(|| cx.waker().clone());
            drop(mem::replace(&mut self.writer, waker));
        }
        outcome
    }
}
