//! The context that is current on this thread.
//!
//! None stands for the empty one. Whether there is any is kept beside it in a thread-local without a
//! destructor: those who spawn ask that first, which is one load, and it can be asked until the thread's last
//! instruction. Once the thread ends and its context is destroyed, everything behaves as if no variable were
//! set.

use std::cell::Cell;

use crate::context::Context;
use crate::current;

thread_local! {
    static OCCUPIED: Cell<bool> = const { Cell::new(false) };
    static CURRENT: Current = const { Current(Cell::new(None)) };
}

struct Current(Cell<Option<Context>>);

impl Drop for Current {
    fn drop(&mut self) {
        // The values are dropped next, and may ask.
        OCCUPIED.set(false);
    }
}

/// The current context; none if it is empty.
#[inline]
pub(crate) fn snapshot() -> Option<Context> {
    if OCCUPIED.get() { copy() } else { None }
}

#[cold]
fn copy() -> Option<Context> {
    let copied = CURRENT.try_with(|current| {
        let context = current.0.take();
        current.0.set(context.clone());
        context
    });
    copied.ok().flatten()
}

/// Makes a context the current one and returns the one that was, whose values are the caller's to drop.
#[inline]
pub(crate) fn install(context: Option<Context>) -> Option<Context> {
    if context.is_none() && !OCCUPIED.get() { None } else { exchange(context) }
}

fn exchange(context: Option<Context>) -> Option<Context> {
    let context = context.filter(|context| !context.is_empty());
    if context.is_some() {
        current::note_context();
    }
    OCCUPIED.set(context.is_some());
    CURRENT.try_with(|current| current.0.replace(context)).unwrap_or_else(|_| {
        OCCUPIED.set(false);
        None
    })
}
