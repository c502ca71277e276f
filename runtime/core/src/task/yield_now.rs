//! Giving way to the other tasks.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Lets everything else that is ready run before the calling task goes on.
///
/// The task goes to the back of the queue; I/O, timers and wakes from other threads are looked at within a
/// bounded number of polls (see [`Builder::event_interval`](crate::Builder::event_interval)).
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// runtime::run(async {
///     let log = Rc::new(RefCell::new(Vec::new()));
///     let other = runtime::spawn({
///         let log = log.clone();
///         async move { log.borrow_mut().push("other") }
///     });
///     runtime::task::yield_now().await;
///     log.borrow_mut().push("back");
///     other.await.unwrap();
///     assert_eq!(*log.borrow(), ["other", "back"]);
/// });
/// ```
#[inline(always)]
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
