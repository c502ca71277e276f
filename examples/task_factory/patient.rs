//! A task that lets others go first.

use std::pin::Pin;
use std::task::{Context, Poll};

use runtime::task::TaskFuture;

/// A future that is polled every few turns only. It always gets there: an idle task is slowed down, not
/// starved.
pub(crate) struct Patient {
    future: TaskFuture,
    every: u32,
    /// Turns to let pass.
    left: u32,
}

impl Patient {
    pub(crate) fn new(every: u32, future: TaskFuture) -> Patient {
        Patient { future, every, left: every - 1 }
    }
}

impl Future for Patient {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.left > 0 {
            self.left -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.left = self.every - 1;
        self.future.as_mut().poll(context)
    }
}
