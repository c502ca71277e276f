//! The seam between the loop and whatever runs its blocking jobs.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::job::Job;
use super::report::Report;

/// Runs blocking jobs away from the loop's thread.
///
/// [`Pool`](super::Pool) is the one every loop has unless `Builder::blocking_executor` says otherwise.
/// Implement it to use a thread pool that the program has anyway, such as rayon's, or to wrap a `Pool`
/// with limits or priorities of your own.
///
/// # For implementers
///
/// - [`execute`](Executor::execute) is called on the loop's thread, and on others by way of `Handle`:
///   it must neither block nor run the job itself.
/// - Each accepted job should be [run](Job::run) once, in any order. One that is dropped instead counts
///   as cancelled, and its waiter is told.
/// - A job never panics out of [`Job::run`].
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
/// use std::{io, thread};
///
/// use runtime::blocking::{Executor, Job};
///
/// /// One thread that runs every job in the order of its arrival.
/// struct Worker(mpsc::Sender<Job>);
///
/// impl Worker {
///     fn start() -> io::Result<Worker> {
///         let (sender, jobs) = mpsc::channel::<Job>();
///         thread::Builder::new().spawn(move || jobs.into_iter().for_each(Job::run))?;
///         Ok(Worker(sender))
///     }
/// }
///
/// impl Executor for Worker {
///     fn execute(&self, job: Job) -> io::Result<()> {
///         self.0.send(job).map_err(|_| io::Error::other("the worker is gone"))
///     }
/// }
///
/// # fn main() -> io::Result<()> {
/// let rt = runtime::Builder::new().blocking_executor(Worker::start()?).build()?;
/// let sum = rt.block_on(async { runtime::spawn_blocking(|| 20 + 22).await });
/// assert_eq!(sum.unwrap(), 42);
/// # Ok(())
/// # }
/// ```
pub trait Executor: Send + Sync + 'static {
    /// Takes a job, to run it soon on a thread that may block.
    ///
    /// # Errors
    ///
    /// The executor can not take the job: it has been shut down, or has no thread and can not start
    /// one. The job is dropped, and whoever waits for it gets the error.
    fn execute(&self, job: Job) -> io::Result<()>;

    /// Stops taking jobs, drops those not started, and waits for the others until `deadline` has
    /// passed, `None` being as long as it takes.
    ///
    /// Returns what was left running, which goes on by itself. Jobs that run should be asked to end, by their
    /// [`CancellationToken`](super::CancellationToken), before the wait. The loop calls this when it is
    /// closed, and whenever `Runtime::shutdown_blocking` is called; a second call waits for what the first
    /// has left.
    ///
    /// An executor that outlives the loop, or is shared between loops, keeps the default, which does nothing.
    fn shutdown(&self, deadline: Option<Duration>) -> Report {
        let _ = deadline;
        Report::default()
    }
}

/// Passes everything on, the shutdown too.
impl<E: Executor + ?Sized> Executor for Arc<E> {
    fn execute(&self, job: Job) -> io::Result<()> {
        (**self).execute(job)
    }

    fn shutdown(&self, deadline: Option<Duration>) -> Report {
        (**self).shutdown(deadline)
    }
}
