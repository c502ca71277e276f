//! Who waits until something is so.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use slab::Slab;

/// Who waits until something is so, on any thread.
///
/// Whoever goes leaves nothing behind: the waker of a task keeps its memory, and what is waited for may be
/// long in coming.
#[derive(Debug, Default)]
pub(super) struct Waiters(Mutex<Slab<Option<Waker>>>);

impl Waiters {
    /// Waits until `is_so`, which those who call [`take`](Waiters::take) have made true before.
    pub(super) fn wait<F: Fn() -> bool>(&self, is_so: F) -> Wait<'_, F> {
        Wait { waiters: self, is_so, key: None }
    }

    /// Takes the wakers out, to be called when no lock is held.
    #[must_use]
    pub(super) fn take(&self) -> Vec<Waker> {
        self.0.lock().iter_mut().filter_map(|(_, waker)| waker.take()).collect()
    }
}

/// See [`Waiters::wait`].
pub(super) struct Wait<'a, F> {
    waiters: &'a Waiters,
    is_so: F,
    /// The place among those who wait, from the first time on.
    key: Option<usize>,
}

/// The closure is never pinned.
impl<F> Unpin for Wait<'_, F> {}

impl<F: Fn() -> bool> Future for Wait<'_, F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if (self.is_so)() {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let mut waiting = self.waiters.0.lock();
        // A change comes before the lock is taken to wake: either it is seen here, or the waker is found
        // there.
        if (self.is_so)() {
            drop(waiting);
            return Poll::Ready(());
        }
        let former = match self.key {
            Some(key) => waiting[key].replace(waker),
            None => {
                let key = waiting.insert(Some(waker));
                drop(waiting);
                self.key = Some(key);
                return Poll::Pending;
            }
        };
        drop(waiting);
        drop(former);
        Poll::Pending
    }
}

impl<F> Drop for Wait<'_, F> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let waker = self.waiters.0.lock().remove(key);
            // When the lock is not held.
            drop(waker);
        }
    }
}

impl<F> fmt::Debug for Wait<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("key", &self.key).finish_non_exhaustive()
    }
}
