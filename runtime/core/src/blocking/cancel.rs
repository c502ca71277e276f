//! Asking a running job to end early.
//!
//! A thread can not be stopped from outside, so a job that has begun has to look by itself whether anybody
//! still waits. The request is a flag in the job's slot: a job that never asks for its token pays for two
//! reference counts, and for no allocation.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::slot::Work;

/// Tells a running blocking job that its outcome is not wanted any more.
///
/// The job gets its token by [`CancellationToken::current`], looks at it now and then, and returns early when
/// it is set; one that does not look runs to its end. The token may be cloned and handed to threads that help
/// with the job.
///
/// It is set, once and for good,
///
/// - when the task that waits for the job is dropped before it has taken the outcome: its join handle was
///   [aborted](crate::task::JoinHandle::abort), or the loop was closed;
/// - when the executor that runs the job is shut down, at the beginning of the wait: a job that heeds its
///   token is then not among those that a [`Report`](super::Report) calls stuck. A [`Pool`](super::Pool) does
///   this, dropped or [shut down](super::Executor::shutdown), and with it
///   [`Runtime::shutdown_blocking`](crate::Runtime::shutdown_blocking);
/// - by [`cancel`](CancellationToken::cancel).
///
/// It is not set by dropping the join handle, which detaches the job like any other task; see
/// [`AbortOnDropHandle`](crate::task::AbortOnDropHandle) for a handle whose drop is an abort.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc;
/// use std::time::Duration;
///
/// use runtime::blocking::CancellationToken;
///
/// let (report, reports) = mpsc::channel();
/// runtime::run(async move {
///     let (started, starts) = futures::channel::oneshot::channel();
///     let job = runtime::spawn_blocking(move || {
///         let token = CancellationToken::current();
///         started.send(()).unwrap();
///         // Looks after something every minute, and ends at once when it is told to.
///         while !token.cancelled_within(Duration::from_secs(60)) {}
///         report.send("cleaned up").unwrap();
///     });
///     starts.await.unwrap();
///     job.abort();
///     assert!(job.await.unwrap_err().is_cancelled());
/// });
/// assert_eq!(reports.recv().unwrap(), "cleaned up");
/// ```
#[derive(Clone)]
pub struct CancellationToken {
    work: Arc<dyn Work>,
}

thread_local! {
    /// The job that this thread runs; the innermost, if an executor runs one inside of another.
    static CURRENT: Cell<Option<Arc<dyn Work>>> = const { Cell::new(None) };
}

impl CancellationToken {
    pub(super) fn new(work: Arc<dyn Work>) -> CancellationToken {
        CancellationToken { work }
    }

    /// Returns the token of the job that runs on this thread.
    ///
    /// An executor such as rayon's may run parts of a job on other threads, or another job in the middle of
    /// this one: ask once, at the beginning of the job, and hand on clones.
    ///
    /// # Panics
    ///
    /// Outside of a blocking job; see [`try_current`](CancellationToken::try_current).
    #[track_caller]
    pub fn current() -> CancellationToken {
        CancellationToken::try_current().expect(
            "`CancellationToken::current` called outside of a blocking job; call it inside of the function that is \
             given to `spawn_blocking` or `run_in`",
        )
    }

    /// Returns the token of the job that runs on this thread, if there is one.
    ///
    /// # Examples
    ///
    /// A computation that can be interrupted if it happens to be a job:
    ///
    /// ```
    /// use runtime::blocking::CancellationToken;
    ///
    /// fn sum(numbers: &[u64]) -> Option<u64> {
    ///     let token = CancellationToken::try_current();
    ///     let mut sum = 0;
    ///     for chunk in numbers.chunks(4096) {
    ///         if token.as_ref().is_some_and(CancellationToken::is_cancelled) {
    ///             return None;
    ///         }
    ///         sum += chunk.iter().sum::<u64>();
    ///     }
    ///     Some(sum)
    /// }
    ///
    /// assert_eq!(sum(&[1, 2, 3]), Some(6));
    /// ```
    pub fn try_current() -> Option<CancellationToken> {
        // A thread that is ending runs no job.
        let work = CURRENT.try_with(|current| {
            let work = current.take();
            current.set(work.clone());
            work
        });
        work.ok().flatten().map(CancellationToken::new)
    }

    /// Whether the job is asked to end. Costs one load.
    pub fn is_cancelled(&self) -> bool {
        self.work.cancellation().is_requested()
    }

    /// Blocks the thread until the job is asked to end, but not for longer than `time`; returns whether it
    /// is.
    ///
    /// This is how a job sleeps, with an open ear. A time beyond the clock's range is forever.
    pub fn cancelled_within(&self, time: Duration) -> bool {
        self.work.cancellation().requested_within(time)
    }

    /// Asks the job to end.
    ///
    /// Its join is not affected: it yields whatever the job returns. For executors whose
    /// [`shutdown`](super::Executor::shutdown) is to end the jobs that run, and for jobs that tell their
    /// helpers to stop.
    pub fn cancel(&self) {
        self.work.cancellation().request();
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken").field("cancelled", &self.is_cancelled()).finish()
    }
}

/// The request to end, as a part of a job's slot.
#[derive(Default)]
pub(super) struct Cancellation {
    requested: AtomicBool,
    /// Held while the flag is set, so that nobody falls asleep after having looked.
    lock: Mutex<()>,
    set: Condvar,
}

impl Cancellation {
    pub(super) fn request(&self) {
        let guard = self.lock.lock();
        // Pairs with the load in `is_requested`: what the canceller has done before, the job sees.
        self.requested.store(true, Ordering::Release);
        drop(guard);
        self.set.notify_all();
    }

    fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    fn requested_within(&self, time: Duration) -> bool {
        let until = Instant::now().checked_add(time);
        let mut guard = self.lock.lock();
        while !self.is_requested() {
            match until {
                None => self.set.wait(&mut guard),
                Some(until) => {
                    if self.set.wait_until(&mut guard, until).timed_out() {
                        return self.is_requested();
                    }
                }
            }
        }
        true
    }
}

/// Makes a job the current one of this thread until dropped, then again the one that was before.
pub(super) struct Scope {
    previous: Option<Arc<dyn Work>>,
}

impl Scope {
    pub(super) fn enter(work: Arc<dyn Work>) -> Scope {
        Scope { previous: exchange(Some(work)) }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let ended = exchange(self.previous.take());
        // Frees nothing: whoever runs the job has yet to publish its outcome.
        drop(ended);
    }
}

fn exchange(work: Option<Arc<dyn Work>>) -> Option<Arc<dyn Work>> {
    CURRENT.try_with(|current| current.replace(work)).ok().flatten()
}
