//! The way of an output from a child to whoever awaits it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Awaits the output of a child of a [`scope`](crate::task::scope).
///
/// Dropping it does nothing to the child.
///
/// # Panics
///
/// When polled again after it has returned the output, or when the child was dropped without an output:
/// because its scope was, or had ended before the child was started.
///
/// # Cancel safety
///
/// Awaiting `&mut join` is cancel safe: the output stays until a poll returns it.
pub struct ScopedJoin<T> {
    slot: Rc<Slot<T>>,
}

pub(super) struct Sender<T> {
    slot: Rc<Slot<T>>,
}

struct Slot<T> {
    output: RefCell<Option<T>>,
    /// Whether there is a child that may still send.
    open: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

pub(super) fn channel<T>() -> (Sender<T>, ScopedJoin<T>) {
    let slot =
        Rc::new(Slot { output: RefCell::new(None), open: Cell::new(true), waker: Cell::new(None) });
    (Sender { slot: slot.clone() }, ScopedJoin { slot })
}

impl<T> Sender<T> {
    pub(super) fn send(self, output: T) {
        // Nothing is there that would be dropped.
        *self.slot.output.borrow_mut() = Some(output);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.slot.open.set(false);
        if let Some(waker) = self.slot.waker.take() {
            waker.wake();
        }
    }
}

impl<T> ScopedJoin<T> {
    /// Whether the child has ended, so that awaiting would not wait.
    pub fn is_finished(&self) -> bool {
        !self.slot.open.get()
    }
}

impl<T> Future for ScopedJoin<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if self.slot.open.get() {
            drop(self.slot.waker.replace(Some(context.waker().clone())));
            // The clone may be code that polls.
            if self.slot.open.get() {
                return Poll::Pending;
            }
        }
        match self.slot.output.take() {
            Some(output) => Poll::Ready(output),
            None => panic!(
                "`ScopedJoin` has no output: it was polled after completion, or its scope has ended"
            ),
        }
    }
}

impl<T> fmt::Debug for ScopedJoin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoin").field("finished", &self.is_finished()).finish()
    }
}
