//! Blocking jobs as the owner of a loop sees them.

use std::time::Duration;

use super::executor::Executor;
use super::report::Report;
use crate::runtime::Runtime;
use crate::task::JoinHandle;

impl Runtime {
    /// Runs a blocking function on the loop's blocking pool; see
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.handle().spawn_blocking(f)
    }

    /// Shuts the loop's blocking executor down, and waits for the jobs that have begun until `deadline` has
    /// passed, `None` being as long as it takes.
    ///
    /// Jobs that have not begun are dropped, and their joins say cancelled. Those that run are asked to end
    /// by their [`CancellationToken`](super::CancellationToken). What is still running at the deadline is
    /// named in the report and left alone: its thread is detached, goes on by itself, and does not keep the
    /// process from exiting.
    ///
    /// The loop stays open, tasks and all, and the joins of jobs that end, early or late, yield their
    /// outcome. But it takes no more jobs: from now on the join of
    /// [`spawn_blocking`](crate::task::spawn_blocking) is an error that says so.
    /// [`run_in`](crate::task::run_in) is not affected. Calling this again waits again.
    ///
    /// An executor given to [`Builder::blocking_executor`](crate::Builder::blocking_executor) decides for
    /// itself what its [`shutdown`](Executor::shutdown) waits for; the loop hands it no more jobs either way.
    ///
    /// This blocks the calling thread. Called while the loop runs, it stops every task for as long; a job
    /// that waits for one of these tasks then waits until the deadline, so have one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let job = rt.spawn_blocking(|| 6 * 7);
    /// assert_eq!(rt.block_on(job)?, 42);
    ///
    /// let report = rt.shutdown_blocking(Some(Duration::from_secs(1)));
    /// assert!(report.is_clean());
    ///
    /// let error = rt.block_on(rt.spawn_blocking(|| 42)).unwrap_err();
    /// assert!(error.to_string().contains("has been shut down"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown_blocking(&self, deadline: Option<Duration>) -> Report {
        self.handle().blocking().shutdown(deadline)
    }
}
