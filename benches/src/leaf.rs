//! Futures that belong to no runtime.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// Wakes its own task and is pending once.
#[inline]
pub(crate) fn wake_self_once() -> WakeSelf {
    WakeSelf { left: 1 }
}

/// Wakes its own task and is pending `times` times.
#[inline]
pub(crate) fn wake_self(times: u64) -> WakeSelf {
    WakeSelf { left: times }
}

/// See [`wake_self`].
pub(crate) struct WakeSelf {
    left: u64,
}

impl Future for WakeSelf {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.left == 0 {
            return Poll::Ready(());
        }
        self.left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
