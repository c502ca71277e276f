//! The future that waits for a blocking job.

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::executor::Executor;
use super::job::{Job, Origin};
use super::slot::{NotRun, Outcome, Slot, Wait};

/// Waits for a job that was handed to an executor.
///
/// Resolves to the job's value or resumes the job's panic. For a job that was never run it unwinds,
/// too, with a [`NotRun`] as payload: the task around it catches that as it catches a panic, and the
/// join tells one from the other by [`NotRun::of`].
///
/// Dropped before the job has started, it drops the job's closure there and then, and the job will not
/// run; dropped later, it asks the job to end, and leaves it to run for nobody.
#[must_use = "dropping it cancels a job that has not started"]
pub(super) struct BlockingTask<T> {
    slot: Arc<dyn Wait<T>>,
}

/// Hands `f` to `executor` and returns the future of its outcome.
///
/// Never fails by itself: a refusal is the future's outcome.
pub(super) fn submit<E, F, T>(executor: &E, origin: Origin, f: F) -> BlockingTask<T>
where
    E: Executor + ?Sized,
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let slot = Arc::new(Slot::new(f));
    let job = Job::new(slot.clone(), origin);
    if let Err(error) = executor.execute(job) {
        // The executor has dropped the job, which said "cancelled"; the error says more.
        slot.explain(NotRun::Refused(error));
    }
    BlockingTask { slot }
}

impl<T> Future for BlockingTask<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.slot.poll(cx.waker().clone()).map(|outcome| match outcome {
            Outcome::Returned(value) => value,
            Outcome::Panicked(payload) => resume_unwind(payload),
            Outcome::NotRun(why) => resume_unwind(Box::new(why)),
        })
    }
}

impl<T> BlockingTask<T> {
    /// Asks the job to end, if it has begun; a closure that has not been started is dropped, and `false` returned:
    /// there is nothing to wait for then.
    pub(super) fn ask(&self) -> bool {
        self.slot.ask()
    }
}

impl<T> Drop for BlockingTask<T> {
    fn drop(&mut self) {
        self.slot.abandon();
    }
}

impl<T> fmt::Debug for BlockingTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingTask").finish_non_exhaustive()
    }
}
