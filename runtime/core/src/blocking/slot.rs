//! The meeting point of a blocking job with the task that waits for it.
//!
//! One allocation holds the closure, then its outcome, and the waiter's waker:
//!
//! ```text
//!             run           run         publish
//!   Queued ───────► Running ───────► Ran ───────► Done ──► Closed
//!     │ └─── refuse (never run) ───────────────────▲         ▲
//!     └───── abandon (waiter gone) ──────────────────────────┘
//! ```
//!
//! The waiter sees an outcome no sooner than it is published. In between, a thread of the pool
//! announces that it is free: the waiter's next job then finds it, and no second thread is started.
//!
//! The lock is held for moves only. The closure, the outcome and the wakers are called and dropped
//! after it has been released, for each of them may be user code that comes back here.

use std::any::Any;
use std::fmt;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Poll, Waker};

use parking_lot::Mutex;

use super::cancel::Cancellation;
use crate::executor::panics::contain_quietly;

/// Why a job has no outcome.
#[derive(Debug)]
pub(crate) enum NotRun {
    /// The executor dropped the job before it started, as a pool does when it shuts down.
    Cancelled,
    /// The executor refused the job, for instance because no thread could be started.
    Refused(io::Error),
}

impl NotRun {
    /// Tells a job that was never run from one that panicked, by the payload that its future unwound with.
    pub(crate) fn of(payload: Box<dyn Any + Send>) -> Result<NotRun, Box<dyn Any + Send>> {
        payload.downcast().map(|why| *why)
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotRun::Cancelled => f.write_str("the blocking job was dropped before it started"),
            NotRun::Refused(error) => write!(f, "the blocking job was refused: {error}"),
        }
    }
}

/// What became of a job.
pub(super) enum Outcome<T> {
    Returned(T),
    Panicked(Box<dyn Any + Send>),
    NotRun(NotRun),
}

/// Closure, outcome and waker of one job.
pub(super) struct Slot<F, T> {
    inner: Mutex<Inner<F, T>>,
    cancellation: Cancellation,
}

struct Inner<F, T> {
    stage: Stage<F, T>,
    /// Set while somebody waits; whoever ends the wait takes it.
    waiter: Option<Waker>,
    /// The waiter has left: an outcome is for nobody.
    abandoned: bool,
}

enum Stage<F, T> {
    Queued(F),
    Running,
    Ran(Outcome<T>),
    Done(Outcome<T>),
    Closed,
}

/// The executor's side of a slot.
pub(super) trait Work: Send + Sync {
    /// Runs the closure, unless it has been abandoned.
    fn run(&self);

    /// Makes the outcome visible, and returns the waiter to wake.
    fn publish(&self) -> Option<Waker>;

    /// Ends the wait without an outcome; does nothing once the job has started.
    fn refuse(&self, why: NotRun);

    /// Whether nobody waits any more.
    fn is_abandoned(&self) -> bool;

    /// The request that a job which runs should end.
    fn cancellation(&self) -> &Cancellation;
}

/// The waiter's side of a slot.
pub(super) trait Wait<T>: Send + Sync {
    /// Takes the outcome, or leaves `waker` to be woken by it.
    fn poll(&self, waker: Waker) -> Poll<Outcome<T>>;

    /// Gives up: drops a closure that has not started; a running one is asked to end, and goes on for nobody.
    /// Does nothing once the outcome has been taken.
    fn abandon(&self);

    /// Asks a job that has begun to end; drops a closure that has not started, and returns `false`.
    fn ask(&self) -> bool;

    /// Replaces the reason for which the job was not run.
    fn explain(&self, why: NotRun);
}

impl<F, T> Slot<F, T> {
    pub(super) fn new(f: F) -> Slot<F, T> {
        Slot {
            inner: Mutex::new(Inner { stage: Stage::Queued(f), waiter: None, abandoned: false }),
            cancellation: Cancellation::default(),
        }
    }
}

impl<F, T> Work for Slot<F, T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    fn run(&self) {
        let start = self.inner.lock().start();
        let Some(f) = start else { return };
        let outcome = match catch_unwind(AssertUnwindSafe(f)) {
            Ok(value) => Outcome::Returned(value),
            Err(payload) => Outcome::Panicked(payload),
        };
        let nobodys = {
            let mut inner = self.inner.lock();
            match inner.abandoned {
                true => Some(outcome),
                false => {
                    inner.stage = Stage::Ran(outcome);
                    None
                }
            }
        };
        if nobodys.is_some() {
            contain_quietly(move || drop(nobodys));
        }
    }

    fn publish(&self) -> Option<Waker> {
        let mut inner = self.inner.lock();
        match mem::replace(&mut inner.stage, Stage::Closed) {
            Stage::Ran(outcome) => inner.stage = Stage::Done(outcome),
            other => inner.stage = other,
        }
        inner.waiter.take()
    }

    fn refuse(&self, why: NotRun) {
        let (f, waiter) = {
            let mut inner = self.inner.lock();
            let Some(f) = inner.start() else { return };
            inner.stage = Stage::Done(Outcome::NotRun(why));
            (f, inner.waiter.take())
        };
        contain_quietly(move || drop(f));
        if let Some(waiter) = waiter {
            contain_quietly(move || waiter.wake());
        }
    }

    fn is_abandoned(&self) -> bool {
        self.inner.lock().abandoned
    }

    fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }
}

impl<F, T> Wait<T> for Slot<F, T>
where
    F: Send + 'static,
    T: Send + 'static,
{
    fn poll(&self, waker: Waker) -> Poll<Outcome<T>> {
        let previous = {
            let mut inner = self.inner.lock();
            match mem::replace(&mut inner.stage, Stage::Closed) {
                Stage::Done(outcome) => return Poll::Ready(outcome),
                Stage::Closed => panic!("a blocking job was polled after it had completed"),
                waiting => inner.stage = waiting,
            }
            inner.waiter.replace(waker)
        };
        drop(previous);
        Poll::Pending
    }

    fn abandon(&self) {
        let (stage, waiter) = {
            let mut inner = self.inner.lock();
            if matches!(inner.stage, Stage::Closed) {
                return;
            }
            inner.abandoned = true;
            let stage = match inner.stage {
                Stage::Running => Stage::Running,
                _ => mem::replace(&mut inner.stage, Stage::Closed),
            };
            (stage, inner.waiter.take())
        };
        self.cancellation.request();
        drop(waiter);
        contain_quietly(move || drop(stage));
    }

    fn ask(&self) -> bool {
        let unstarted = {
            let mut inner = self.inner.lock();
            let unstarted = inner.start();
            if unstarted.is_some() {
                inner.stage = Stage::Closed;
                inner.abandoned = true;
            }
            unstarted
        };
        let begun = unstarted.is_none();
        if begun {
            self.cancellation.request();
        }
        contain_quietly(move || drop(unstarted));
        begun
    }

    fn explain(&self, why: NotRun) {
        let mut inner = self.inner.lock();
        if let Stage::Done(Outcome::NotRun(reason)) = &mut inner.stage {
            *reason = why;
        }
    }
}

impl<F, T> Inner<F, T> {
    /// Takes the closure of a job that has neither started nor been abandoned.
    fn start(&mut self) -> Option<F> {
        match mem::replace(&mut self.stage, Stage::Running) {
            Stage::Queued(f) => Some(f),
            other => {
                self.stage = other;
                None
            }
        }
    }
}
