//! Cooperative budgets: why a task whose sockets are always ready does not starve the others.
//!
//! A task may do 128 operations in one poll. Sockets, timers and join handles of this runtime each count as
//! one when they make progress; when the budget is used up they say `Pending` and wake the task, which
//! thereby goes to the back of the queue with a full budget. Outside of a loop nothing is counted.
//!
//! Authors of leaf futures take part with [`poll_proceed`]; [`unconstrained`] exempts a future, and
//! [`consume_budget`] lets long computations give way now and then.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::current::with_current;

/// More than one poll can use up.
const UNLIMITED: u32 = u32::MAX;

/// Whether the current poll may do another operation before it ought to yield. Always outside of a loop.
#[inline(always)]
pub fn has_budget_remaining() -> bool {
    with_current(|local| local.executor.budget().get() != 0).unwrap_or(true)
}

/// Wakes the task, so that it comes back with a full budget.
#[cold]
pub(crate) fn out_of_budget<T>(context: &Context<'_>) -> Poll<T> {
    context.waker().wake_by_ref();
    Poll::Pending
}

/// Takes one operation from the budget of the current poll, for leaf futures.
///
/// Pending means that the budget is used up; the task has been woken and the leaf future has to return
/// `Pending` too. Otherwise the operation may be tried: call [`RestoreOnPending::made_progress`] if it
/// succeeds; dropping the guard without gives the operation back.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use std::task::{Poll, ready};
/// use runtime::task::coop;
///
/// runtime::run(async {
///     let value = poll_fn(|context| {
///         let budget = ready!(coop::poll_proceed(context));
///         // ... an operation that may or may not be ready ...
///         budget.made_progress();
///         Poll::Ready(7)
///     });
///     assert_eq!(value.await, 7);
/// });
/// ```
#[inline(always)]
pub fn poll_proceed(context: &mut Context<'_>) -> Poll<RestoreOnPending> {
    let left = with_current(|local| {
        let left = local.executor.budget().get();
        local.executor.spend().then_some(left)
    });
    match left {
        Some(None) => out_of_budget(context),
        Some(Some(left)) => Poll::Ready(RestoreOnPending { left: Cell::new(left) }),
        None => Poll::Ready(RestoreOnPending { left: Cell::new(NOTHING) }),
    }
}

/// What a guard holds that has nothing to give back; a budget with an operation taken from it was never zero.
const NOTHING: u32 = 0;

/// Gives an operation back to the budget when dropped, unless progress was made; see [`poll_proceed`].
#[must_use = "dropped at once, the operation does not count"]
pub struct RestoreOnPending {
    /// What the budget was.
    left: Cell<u32>,
}

impl RestoreOnPending {
    /// Lets the operation count.
    #[inline(always)]
    pub fn made_progress(&self) {
        self.left.set(NOTHING);
    }
}

impl Drop for RestoreOnPending {
    #[inline(always)]
    fn drop(&mut self) {
        let left = self.left.get();
        if left != NOTHING {
            with_current(|local| local.executor.budget().set(left));
        }
    }
}

impl fmt::Debug for RestoreOnPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestoreOnPending").finish_non_exhaustive()
    }
}

/// Takes one operation from the budget and yields if it is used up.
///
/// For long loops of a task that awaits nothing else: cheap unless it has to yield.
///
/// # Cancel safety
///
/// Nothing is lost.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let mut sum = 0_u64;
///     for n in 0..1_000 {
///         sum += n;
///         runtime::task::coop::consume_budget().await;
///     }
///     assert_eq!(sum, 499_500);
/// });
/// ```
pub async fn consume_budget() {
    let mut done = false;
    poll_fn(|context| {
        if done {
            return Poll::Ready(());
        }
        match poll_proceed(context) {
            Poll::Ready(budget) => {
                done = true;
                budget.made_progress();
                Poll::Ready(())
            }
            Poll::Pending => Poll::Pending,
        }
    })
    .await;
}

pin_project! {
    /// The future of [`unconstrained`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Unconstrained<F> {
        #[pin]
        future: F,
    }
}

/// Exempts a future from the budget. It can then starve everything else on its loop.
///
/// # Cancel safety
///
/// That of the future itself.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let sum = runtime::task::coop::unconstrained(async { 1 + 1 }).await;
///     assert_eq!(sum, 2);
/// });
/// ```
pub fn unconstrained<F>(future: F) -> Unconstrained<F> {
    Unconstrained { future }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        /// Puts the budget back, also when the future panics.
        struct Restore(u32);
        impl Drop for Restore {
            fn drop(&mut self) {
                with_current(|local| local.executor.budget().set(self.0));
            }
        }
        let before = with_current(|local| local.executor.budget().replace(UNLIMITED));
        let _restore = before.map(Restore);
        self.project().future.poll(context)
    }
}

pin_project! {
    /// The future of [`cooperative`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Cooperative<F> {
        #[pin]
        future: F,
    }
}

/// Makes each completion of a foreign future count as one operation, and yields before polling it when the
/// budget is used up. For leaf futures of crates that know nothing of budgets.
///
/// # Cancel safety
///
/// That of the future itself.
///
/// # Examples
///
/// ```
/// use futures::channel::mpsc;
/// use futures::StreamExt;
///
/// runtime::run(async {
///     let (sender, mut receiver) = mpsc::unbounded();
///     sender.unbounded_send(1).unwrap();
///     assert_eq!(runtime::task::coop::cooperative(receiver.next()).await, Some(1));
/// });
/// ```
pub fn cooperative<F: Future>(future: F) -> Cooperative<F> {
    Cooperative { future }
}

impl<F: Future> Future for Cooperative<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let budget = std::task::ready!(poll_proceed(context));
        let polled = self.project().future.poll(context);
        if polled.is_ready() {
            budget.made_progress();
        }
        polled
    }
}
