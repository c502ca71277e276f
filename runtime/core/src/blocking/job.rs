//! A unit of blocking work on its way to a thread.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::cancel::{CancellationToken, Scope};
use super::slot::{NotRun, Work};
use crate::context::{self, Context};
use crate::executor::panics::contain_quietly;
use crate::spans::JobSpan;

/// A piece of blocking work that somebody waits for.
///
/// An [`Executor`](super::Executor) receives jobs and calls [`run`](Job::run) on each, once, on a thread
/// that may block. A job that is dropped instead is *cancelled*: its closure is dropped without having
/// run, and whoever waits for it learns so at once. A job can therefore be lost, but never hang its waiter.
///
/// # Examples
///
/// An executor that starts a thread for each job:
///
/// ```
/// use runtime::blocking::{Executor, Job};
///
/// struct ThreadEach;
///
/// impl Executor for ThreadEach {
///     fn execute(&self, job: Job) -> std::io::Result<()> {
///         // If the thread can not be started the job is dropped, and its join tells of the error.
///         std::thread::Builder::new().spawn(move || job.run())?;
///         Ok(())
///     }
/// }
/// ```
#[must_use = "a job that is dropped is cancelled"]
pub struct Job {
    /// Empty once the job has been run.
    work: Option<Arc<dyn Work>>,
    origin: Origin,
    /// The context variables of whoever made it.
    context: Option<Context>,
    span: JobSpan,
}

/// Where a job comes from, for reports.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) location: &'static Location<'static>,
    pub(crate) name: Option<Arc<str>>,
}

/// A job that has run, and whose waiter has not been told yet.
#[must_use = "the waiter has to be told"]
pub(super) struct Completion {
    work: Option<Arc<dyn Work>>,
}

impl Job {
    pub(super) fn new(work: Arc<dyn Work>, origin: Origin) -> Job {
        let span = JobSpan::new(origin.name.as_deref(), origin.location);
        Job { work: Some(work), origin, context: context::snapshot(), span }
    }

    /// Runs the job on the calling thread, which may block for as long as the job pleases.
    ///
    /// A panic in the job does not unwind out of this call: it goes to whoever waits for the job.
    /// Returns at once if nobody waits any more and the job had not started.
    pub fn run(self) {
        self.execute().publish();
    }

    /// Returns the place in the source that spawned the job.
    pub fn location(&self) -> &'static Location<'static> {
        self.origin.location
    }

    /// Returns the name given to the job, if any.
    pub fn name(&self) -> Option<&str> {
        self.origin.name.as_deref()
    }

    /// Whether the job's waiter has gone, so that running it would do nothing.
    ///
    /// An executor with a queue of its own may drop such jobs when it likes; it need not.
    pub fn is_cancelled(&self) -> bool {
        self.work.as_ref().is_none_or(|work| work.is_abandoned())
    }

    /// Runs the job without telling its waiter.
    pub(super) fn execute(mut self) -> Completion {
        let work = self.work.take();
        if let Some(work) = &work {
            let _current = Scope::enter(work.clone());
            let _span = self.span.enter();
            context::run_alone(self.context.take(), || work.run());
        }
        Completion { work }
    }

    /// Ends the job, saying why.
    pub(super) fn refuse(mut self, why: NotRun) {
        if let Some(work) = self.work.take() {
            work.refuse(why);
        }
    }

    /// Returns the token by which the job can be asked to end while it runs.
    ///
    /// For an executor that keeps it, and [cancels](CancellationToken::cancel) the jobs that still run when
    /// it is shut down.
    pub fn cancellation_token(&self) -> CancellationToken {
        let work = self.work.as_ref().expect("the work leaves with the job");
        CancellationToken::new(work.clone())
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            work.refuse(NotRun::Cancelled);
        }
        let context = self.context.take();
        contain_quietly(move || drop(context));
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("name", &self.name())
            .field("location", &format_args!("{}", self.location()))
            .finish_non_exhaustive()
    }
}

impl Completion {
    /// Publishes the outcome; a waker that panics does so in vain.
    pub(super) fn publish(self) {
        if let Some(waiter) = self.work.and_then(|work| work.publish()) {
            contain_quietly(move || waiter.wake());
        }
    }
}
