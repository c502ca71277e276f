//! Copying between sockets by splice(2): the bytes go from one to the other by way of a pipe, inside of the kernel.
//!
//! A direction fills its carrier, a pipe, only when it is empty. A splice that would block then says something about the
//! socket and nothing about the pipe, which could as well be full otherwise: it is so when its slots are taken, however few
//! bytes are in them.

#[path = "carrier_linux.rs"]
mod carrier;

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};

use runtime_core::reactor::Direction;

use self::carrier::Carrier;
use super::{CALLS, CopyBidirectionalError};
use crate::zero_copy::{Socket, is_unsupported};

/// Copies both ways.
pub(super) async fn copy(
    a: Socket<'_>,
    b: Socket<'_>,
) -> Result<(u64, u64), CopyBidirectionalError> {
    let (mut there, mut back) = (Flow::default(), Flow::default());
    let outcome = poll_fn(|cx| {
        let there = there.poll(cx, a, b)?;
        let back = back.poll(cx, b, a)?;
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
#[derive(Default)]
struct Flow {
    /// What the bytes are in; none while there are none. Dropped with what is in it.
    carrier: Option<Carrier>,
    /// How many bytes are in there.
    held: usize,
    /// Whether the system does not splice from this socket.
    unspliced: bool,
    stage: Stage,
    count: u64,
}

#[derive(Clone, Copy, Default)]
enum Stage {
    #[default]
    Copying,
    /// There is nothing more to read.
    Ending,
    Done,
}

impl Flow {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: Socket<'_>,
        to: Socket<'_>,
    ) -> Poll<io::Result<()>> {
        for _ in 0..CALLS {
            if self.held > 0 {
                ready!(self.drain(cx, to))?;
                continue;
            }
            match self.stage {
                Stage::Copying => ready!(self.fill(cx, from))?,
                Stage::Ending => {
                    to.close()?;
                    self.stage = Stage::Done;
                }
                Stage::Done => return Poll::Ready(Ok(())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn fill(&mut self, cx: &mut Context<'_>, from: Socket<'_>) -> Poll<io::Result<()>> {
        let unspliced = self.unspliced;
        let carrier = self.carrier.get_or_insert_with(|| Carrier::take(unspliced));
        let filled = from.poll_move(cx, Direction::Read, &mut |socket| carrier.fill(socket));
        let outcome = match filled {
            Poll::Ready(Ok(count)) if count > 0 => {
                self.held = count;
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Ok(_)) => {
                self.stage = Stage::Ending;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) if !unspliced && is_unsupported(&error) => {
                self.unspliced = true;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        };
        // It is empty, and somebody else may need it before there is more.
        if let Some(carrier) = self.carrier.take() {
            carrier.give_back();
        }
        outcome
    }

    fn drain(&mut self, cx: &mut Context<'_>, to: Socket<'_>) -> Poll<io::Result<()>> {
        let held = self.held;
        let carrier = self.carrier.as_mut().expect("what is held is held by something");
        let drained = to.poll_move(cx, Direction::Write, &mut |socket| carrier.drain(socket, held));
        let count = ready!(drained)?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.held -= count;
        self.count += count as u64;
        Poll::Ready(Ok(()))
    }
}
