//! Copying by way of buffers, for streams of any kind.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::{CALLS, CopyBidirectionalError};

pub(super) async fn copy<A, B>(
    a: &mut A,
    b: &mut B,
    a_to_b: usize,
    b_to_a: usize,
) -> Result<(u64, u64), CopyBidirectionalError>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    let (mut there, mut back) = (Flow::new(a_to_b), Flow::new(b_to_a));
    let outcome = poll_fn(|cx| {
        let there = there.poll(cx, Pin::new(&mut *a), Pin::new(&mut *b))?;
        let back = back.poll(cx, Pin::new(&mut *b), Pin::new(&mut *a))?;
        if there.is_ready() && back.is_ready() { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await;
    let (a_to_b, b_to_a) = (there.count, back.count);
    match outcome {
        Ok(()) => Ok((a_to_b, b_to_a)),
        Err(cause) => Err(CopyBidirectionalError { a_to_b, b_to_a, cause }),
    }
}

/// One direction.
struct Flow {
    buffer: Box<[u8]>,
    /// What has been read and not yet written.
    from: usize,
    to: usize,
    /// Whether something has been written that may still be in a buffer of the writer's.
    unflushed: bool,
    stage: Stage,
    count: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Copying,
    /// There is nothing more to read.
    Ending,
    Done,
}

impl Flow {
    fn new(size: usize) -> Flow {
        Flow {
            buffer: vec![0; size].into_boxed_slice(),
            from: 0,
            to: 0,
            unflushed: false,
            stage: Stage::Copying,
            count: 0,
        }
    }

    fn poll<R: AsyncRead + ?Sized, W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<()>> {
        for _ in 0..CALLS {
            if self.from < self.to {
                let rest = &self.buffer[self.from..self.to];
                let count = ready!(writer.as_mut().poll_write(cx, rest))?;
                if count == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                self.from += count;
                self.count += count as u64;
                self.unflushed = true;
                continue;
            }
            match self.stage {
                Stage::Copying => match reader.as_mut().poll_read(cx, &mut self.buffer) {
                    Poll::Ready(Ok(0)) => self.stage = Stage::Ending,
                    Poll::Ready(Ok(count)) => (self.from, self.to) = (0, count),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => {
                        if self.unflushed {
                            ready!(writer.as_mut().poll_flush(cx))?;
                            self.unflushed = false;
                        }
                        return Poll::Pending;
                    }
                },
                Stage::Ending => {
                    ready!(writer.as_mut().poll_close(cx))?;
                    self.stage = Stage::Done;
                }
                Stage::Done => return Poll::Ready(Ok(())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
