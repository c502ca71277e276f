//! Copying between sockets by splice(2): the bytes go from one to the other by way of a pipe, inside of the
//! kernel.
//!
//! A direction fills its carrier, a pipe, only when it is empty. A splice that would block then says
//! something about the socket and nothing about the pipe, which could as well be full otherwise: it is so
//! when its slots are taken, however few bytes are in them.
//!
//! A splice does not get past the mark of out-of-band data (tcp(7)), which an ordinary read skips: it would
//! block there for ever, and calls it the end once the peer has sent its own. Either is looked into, and then
//! goes on with reads.

#[path = "carrier_linux.rs"]
mod carrier;

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};

use runtime_core::reactor::Direction;
use rustix::io::Errno;

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

/// What the system says of sockets that it does not splice from.
const UNSPLICEABLE: Errno = Errno::INVAL;

/// One direction.
#[derive(Default)]
struct Flow {
    /// What the bytes are in; none while there are none. Dropped with what is in it.
    carrier: Option<Carrier>,
    /// How many bytes are in there.
    held: usize,
    /// Whether the system does not splice from this socket, or no more.
    unspliced: bool,
    stage: Stage,
    count: u64,
}

#[derive(Clone, Copy, Default)]
enum Stage {
    #[default]
    Copying,
    /// There is nothing more to splice.
    Spliced,
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
                Stage::Spliced => ready!(self.look(cx, from))?,
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
        let filled =
            from.poll_move(cx, Direction::Read, &mut |socket| match carrier.fill(socket) {
                Err(Errno::AGAIN) if !unspliced && from.may_be_urgent() => carrier::peek(socket)
                    .and_then(|left| if left == 0 { Ok(0) } else { Err(UNSPLICEABLE) }),
                filled => filled,
            });
        let outcome = match filled {
            Poll::Ready(Ok(count)) if count > 0 => {
                self.held = count;
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Ok(_)) => {
                self.stage = if unspliced { Stage::Ending } else { Stage::Spliced };
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

    /// Finds out whether the end that a splice has come to is the end of the stream.
    fn look(&mut self, cx: &mut Context<'_>, from: Socket<'_>) -> Poll<io::Result<()>> {
        let left =
            ready!(from.poll_move(cx, Direction::Read, &mut |socket| carrier::peek(socket)))?;
        self.unspliced = true;
        self.stage = if left == 0 { Stage::Ending } else { Stage::Copying };
        Poll::Ready(Ok(()))
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
