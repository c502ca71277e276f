//! Whose waker is in the reactor's table for one direction of a source.
//!
//! A task that waits for the same source again and again, as nearly all do, leaves its waker there
//! once. From then on waiting is to set a bit here, and an event is to clear it and to wake by
//! reference: no waker is cloned, moved or dropped for a message. This goes for the wakers of our
//! own tasks; what a foreign waker does when it is called is its own affair, so it is taken out and
//! called later, when nothing is borrowed.
//!
//! ```text
//!     63                                           2        1        0
//!     ┌──────────────────────────────────────────────┬──────────┬─────────┐
//!     │  data pointer of our task's waker, or zero   │ RELIED   │ ARMED   │
//!     └──────────────────────────────────────────────┴──────────┴─────────┘
//! ```
//!
//! The pointer is only ever compared. It cannot come to mean another task, because the waker in the
//! table keeps the task's memory as long as the pointer is here; that is also the price: a task
//! that has ended is freed when its place is taken, or the source dropped.
//!
//! The loop's thread alone uses these words, so every access is relaxed.

use std::task::Waker;

use crate::executor::is_task_waker;
use crate::sync::{AtomicUsize, Ordering};

/// Somebody waits.
const ARMED: usize = 1;
/// It is an asynchronous wait: whoever takes the place has to call the waker.
const RELIED: usize = 2;
const FLAGS: usize = ARMED | RELIED;

/// Whose waker is in the table.
#[derive(Debug)]
pub(super) struct Place(AtomicUsize);

/// What is to be done with the waker in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// Nobody waits.
    Nobody,
    /// A task of ours waits: wake it where it is.
    InPlace,
    /// Another waker waits: take it out.
    TakeOut,
}

impl Place {
    pub(super) fn new() -> Place {
        Place(AtomicUsize::new(0))
    }

    /// Lets the task wait if its waker is in the table already.
    #[inline]
    pub(super) fn rearm(&self, waker: &Waker) -> bool {
        self.rearm_with(waker, ARMED)
    }

    /// The same for an asynchronous wait.
    #[inline]
    pub(super) fn rearm_relied(&self, waker: &Waker) -> bool {
        self.rearm_with(waker, ARMED | RELIED)
    }

    #[inline]
    fn rearm_with(&self, waker: &Waker, flags: usize) -> bool {
        let place = self.0.load(Ordering::Relaxed);
        let same = place > FLAGS && place & !FLAGS == identity(waker);
        if same {
            self.0.store(place | flags, Ordering::Relaxed);
        }
        same
    }

    /// Tells whether somebody waits.
    pub(super) fn is_armed(&self) -> bool {
        self.0.load(Ordering::Relaxed) & ARMED != 0
    }

    /// Tells whether somebody waits asynchronously.
    pub(super) fn is_relied_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) & FLAGS == FLAGS
    }

    /// Records whose waker has been put into the table.
    pub(super) fn occupy(&self, waker: &Waker, relied: bool) {
        let flags = if relied { ARMED | RELIED } else { ARMED };
        self.0.store(identity(waker) | flags, Ordering::Relaxed);
    }

    /// Records that a waker has been put into the table that counts as foreign whatever it is.
    pub(super) fn occupy_as_foreign(&self, relied: bool) {
        let flags = if relied { ARMED | RELIED } else { ARMED };
        self.0.store(flags, Ordering::Relaxed);
    }

    /// Ends the waiting.
    #[inline]
    pub(super) fn call(&self) -> Call {
        let place = self.0.load(Ordering::Relaxed);
        if place & ARMED == 0 {
            return Call::Nobody;
        }
        self.0.store(place & !FLAGS, Ordering::Relaxed);
        if place > FLAGS { Call::InPlace } else { Call::TakeOut }
    }

    /// Records that the waker has been taken out.
    pub(super) fn vacate(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// The data pointer of the waker of a task of ours; zero for others.
#[inline]
fn identity(waker: &Waker) -> usize {
    let data = waker.data().addr();
    // Tasks are aligned to more than the flags take; were one not, it would be treated as foreign.
    if is_task_waker(waker) && data & FLAGS == 0 { data } else { 0 }
}
