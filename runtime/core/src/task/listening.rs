//! A place among those in a task who want to hear when it is asked to end.

use std::task::Context;

use crate::current::with_current;
use crate::executor::panics::contain_quietly;
use crate::executor::{Cancellation, Rank, TaskRef};

/// The task, or main future, that is being polled.
pub(super) fn running() -> Option<TaskRef> {
    with_current(|local| local.executor.running()).flatten()
}

/// See the module's documentation; given up when it is dropped.
#[derive(Debug)]
pub(super) struct Registration {
    task: TaskRef,
    rank: Rank,
    key: u64,
    /// Whether it is polled whenever the task is, and need not be woken.
    is_own: bool,
}

impl Registration {
    /// Takes a place; none if there is something to hear already.
    pub(super) fn new(task: &TaskRef, rank: Rank, context: &Context<'_>) -> Option<Registration> {
        let is_own = task.is_woken_by(context.waker());
        let waker = (!is_own).then(|| context.waker().clone());
        let key = task.cancellation().listen(rank, None, waker)?;
        Some(Registration { task: task.clone(), rank, key, is_own })
    }

    /// Whose requests it hears of.
    pub(super) fn task(&self) -> &TaskRef {
        &self.task
    }

    /// What its task is asked.
    pub(super) fn cancellation(&self) -> &Cancellation {
        self.task.cancellation()
    }

    /// Whether there is nothing to hear, and nothing to do about the waker either.
    #[inline]
    pub(super) fn is_quiet(&self, context: &Context<'_>) -> bool {
        self.is_own
            && self.task.is_woken_by(context.waker())
            && self.task.cancellation().outstanding() == 0
    }

    /// Has it woken by the waker of this poll.
    pub(super) fn renew(&mut self, context: &Context<'_>) {
        let is_own = self.task.is_woken_by(context.waker());
        if is_own && self.is_own {
            return;
        }
        let cancellation = self.task.cancellation();
        if is_own || !cancellation.listens_with(self.key, context.waker()) {
            let waker = (!is_own).then(|| context.waker().clone());
            cancellation.listen(self.rank, Some(self.key), waker);
            self.is_own = is_own;
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(wakers) = self.task.cancellation().forget(self.key) {
            for waker in wakers {
                contain_quietly(|| waker.wake());
            }
            self.task.ask_anew();
        }
    }
}
