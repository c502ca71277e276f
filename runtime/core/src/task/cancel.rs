//! Being asked to end: what a task sees of it.
//!
//! The counting is asyncio's: each [`cancel`](crate::task::JoinHandle::cancel) adds one request, each
//! [`uncancel`] takes one back. The delivery is trio's: as long as a request is outstanding, everybody who
//! asks is told.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::executor::{Cancellation, Rank};
use crate::task::coop;
use crate::task::listening::{Registration, running};

/// Waits until the current task is asked to end, and returns the reason.
///
/// A task is asked by [`JoinHandle::cancel`](crate::task::JoinHandle::cancel) and its kin. While a future made
/// here waits, the task counts as one that listens: it is not dropped when it is asked, and may take its time
/// to clean up, awaiting what it likes. The next request, however, drops the task where it waits, unless it
/// listens again.
///
/// The future belongs to the task that first polls it. It stays ready as long as a request is outstanding; to
/// wait for another one, call [`uncancel`] first, or use
/// [`run_until_cancelled`](crate::task::run_until_cancelled), which obeys new ones only. The main future counts as
/// a task here: it can be asked, too, by [`Handle::cancel_main`](crate::Handle::cancel_main). Outside of any task
/// this is never ready.
///
/// It costs about 95 instructions in each poll of the task, in which it looks at one number.
///
/// # Cancel safety
///
/// Cancel safe: a request stays until it is taken back by [`uncancel`]. It can be made anew in each round of a
/// loop.
///
/// # Examples
///
/// ```
/// use std::pin::pin;
///
/// use futures::future::{Either, select};
/// use runtime::task::{cancelled, yield_now};
///
/// # runtime::run(async {
/// let task = runtime::spawn(async {
///     let work = pin!(std::future::pending::<()>());
///     match select(work, cancelled()).await {
///         Either::Left(((), _)) => "done".to_owned(),
///         Either::Right((reason, _)) => {
///             yield_now().await; // saves what there is
///             format!("ended early: {reason}")
///         }
///     }
/// });
/// yield_now().await;
/// task.cancel("the lights go out");
/// assert_eq!(task.await.unwrap(), "ended early: the lights go out");
/// # })
/// ```
pub fn cancelled() -> Cancelled {
    Cancelled { registration: None }
}

/// Whether the current task is asked to end.
///
/// Who asks this, and hears yes, has taken the request: the task is not dropped on account of it. It has to be
/// asked in the poll that follows the request, so this is for tasks that ask in each poll; one that waits for
/// something in between wants [`cancelled`] or [`run_until_cancelled`](crate::task::run_until_cancelled).
/// The main future counts as a task; outside of any it is `false`.
///
/// # Examples
///
/// A long computation that gives way now and then:
///
/// ```
/// use runtime::task::{is_cancelling, yield_now};
///
/// # runtime::run(async {
/// let task = runtime::spawn(async {
///     let mut rounds = 0_u64;
///     while !is_cancelling() {
///         rounds += 1;
///         yield_now().await;
///     }
///     rounds
/// });
/// yield_now().await;
/// task.cancel("enough");
/// assert!(task.await.unwrap() > 0);
/// # })
/// ```
pub fn is_cancelling() -> bool {
    with_requests(|requests| requests.take().is_some()).unwrap_or(false)
}

/// How many requests to end are outstanding for the current task. The main future counts as one; outside of any
/// there are none.
///
/// To look at the number is not to take the requests: a task that does nothing else is dropped.
///
/// # Examples
///
/// ```
/// assert_eq!(runtime::task::cancelling(), 0);
/// ```
pub fn cancelling() -> usize {
    with_requests(Cancellation::outstanding).unwrap_or(0)
}

/// Takes back one request to end the current task, and returns how many are left.
///
/// For a task that has dealt with a request and goes on. When none is left, [`cancelled`] waits for the next
/// one, and the task is as if it had never been asked. Zero if there is no request, and outside of a task; the
/// main future counts as one here.
///
/// # Examples
///
/// A task that ends part of its work when it is asked to, and itself when it is asked again:
///
/// ```
/// use runtime::task::{cancelled, uncancel, yield_now};
///
/// # runtime::run(async {
/// let task = runtime::spawn(async {
///     let first = cancelled().await;
///     assert_eq!(uncancel(), 0);
///     let second = cancelled().await;
///     (first, second)
/// });
/// yield_now().await;
/// task.cancel("no new orders");
/// yield_now().await;
/// task.cancel("close the shop");
/// assert_eq!(task.await.unwrap(), ("no new orders".into(), "close the shop".into()));
/// # })
/// ```
pub fn uncancel() -> usize {
    with_requests(Cancellation::take_back).unwrap_or(0)
}

/// Calls `f` with what the current task, or main future, is asked, if it ever was.
fn with_requests<R>(f: impl FnOnce(&Cancellation) -> R) -> Option<R> {
    running()?.existing_cancellation().map(f)
}

/// Waits until its task is asked to end, made by [`cancelled`].
#[must_use = "futures do nothing unless polled"]
pub struct Cancelled {
    registration: Option<Registration>,
}

impl Future for Cancelled {
    type Output = Cow<'static, str>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let registration = &mut self.get_mut().registration;
        if registration.as_ref().is_some_and(|registration| registration.is_quiet(context)) {
            return Poll::Pending;
        }
        let task = match registration
            .as_ref()
            .map(|registration| registration.task().clone())
            .or_else(running)
        {
            Some(task) => task,
            None => return Poll::Pending,
        };
        let cancellation = task.cancellation();
        loop {
            if let Some(taken) = cancellation.take() {
                if !taken.fresh {
                    // Told before. That may go on for ever, so it counts.
                    match coop::poll_proceed(context) {
                        Poll::Ready(budget) => budget.made_progress(),
                        Poll::Pending => return Poll::Pending,
                    }
                }
                *registration = None;
                return Poll::Ready(taken.reason);
            }
            match registration {
                Some(registration) => registration.renew(context),
                None => *registration = Registration::new(&task, Rank::Listener, context),
            }
            // Another thread may have asked in between.
            if registration.is_some() && cancellation.outstanding() == 0 {
                return Poll::Pending;
            }
        }
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled").field("listens", &self.registration.is_some()).finish()
    }
}
