//! Work that goes on when its waiter goes.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::local::Local;
use crate::task::{JoinError, JoinHandle, expect_current_and};

/// Protects a future from the end of whoever waits for it.
///
/// The future becomes a task of its own, at once, and the shield waits for that. When the shield is dropped,
/// be it by a timeout, by an abort or by a request that its task did not heed, the future runs on, detached,
/// to its end. It has its own say when it is asked to end: [`cancelled`](crate::task::cancelled) in it does
/// not hear of requests to the task outside.
///
/// The end of the loop ends it as well: [`Runtime::shutdown`](crate::Runtime::shutdown) gives tasks the time
/// that they need.
///
/// # Panics
///
/// Outside of a loop.
///
/// # Cancel safety
///
/// Dropping the shield loses the output, and nothing else; a panic is then reported to the exception handler.
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// use runtime::task::{shield, yield_now};
/// use runtime::time::{Duration, timeout};
///
/// # runtime::run(async {
/// let written = Rc::new(Cell::new(false));
/// let write = {
///     let written = written.clone();
///     async move {
///         yield_now().await; // the first half
///         written.set(true); // the second
///     }
/// };
/// assert!(timeout(Duration::ZERO, shield(write)).await.is_err());
/// assert!(!written.get());
/// yield_now().await;
/// yield_now().await;
/// assert!(written.get());
/// # })
/// ```
#[track_caller]
pub fn shield<F>(future: F) -> Shield<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let location = Location::caller();
    Shield { task: JoinHandle::new(expect_current_and(future, location, Local::spawn)) }
}

/// Waits for a future that outlives it, made by [`shield`].
#[must_use = "a shield that is dropped at once is a detached task; use `spawn` for that"]
pub struct Shield<T> {
    task: JoinHandle<T>,
}

impl<T> Shield<T> {
    /// Gives the task out, for those who want to end it after all.
    pub fn into_inner(self) -> JoinHandle<T> {
        self.task
    }
}

impl<T> Future for Shield<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.task).poll(context)
    }
}

impl<T> fmt::Debug for Shield<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shield").field(&self.task).finish()
    }
}
