//! The default executor: threads started on demand.

mod config;
mod patience;
mod state;
#[cfg(test)]
mod tests;
mod worker;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use self::state::{Cover, StartFailed, State, WorkerId};
use super::cancel::CancellationToken;
use super::executor::Executor;
use super::job::Job;
use super::report::Report;
use super::slot::NotRun;

pub use self::config::PoolConfig;

/// A pool of threads that are started when needed and leave when idle.
///
/// Jobs start in the order of their arrival. Every loop makes one of its own, with the settings of
/// its `Builder`; make one yourself to wrap it in an [`Executor`] of your own.
///
/// If no thread can be started the job waits for one that runs, and is an error if there is none.
///
/// Dropping the pool shuts it down without waiting: jobs that have not started are cancelled, those
/// that run are asked to end by their [`CancellationToken`].
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// The length of the queue, for the worker that spins: a hint, which the lock confirms.
    queued: AtomicUsize,
    /// Notified when the last thread of a closed pool leaves.
    empty: Condvar,
    config: PoolConfig,
}

impl Pool {
    /// Makes a pool, which starts no thread before its first job.
    pub fn new(config: PoolConfig) -> Pool {
        let shared = Shared {
            state: Mutex::new(State::new(config.max_threads)),
            queued: AtomicUsize::new(0),
            empty: Condvar::new(),
            config,
        };
        Pool { shared: Arc::new(shared) }
    }

    /// Returns how many threads the pool has, idle ones included.
    pub fn threads(&self) -> usize {
        self.shared.state.lock().threads()
    }

    /// Returns how many jobs wait for a thread.
    pub fn queued(&self) -> usize {
        self.shared.state.lock().queued()
    }

    /// Takes no job from here on, asks those that run to end, and returns how many were cancelled unrun.
    fn close(&self) -> usize {
        let closed = self.shared.change(State::close);
        closed.threads.iter().for_each(Thread::unpark);
        closed.running.iter().for_each(CancellationToken::cancel);
        let dropped = closed.unstarted.iter().filter(|job| !job.is_cancelled()).count();
        drop(closed.unstarted);
        dropped
    }
}

impl Executor for Pool {
    fn execute(&self, job: Job) -> io::Result<()> {
        match self.shared.change(|state| state.push(job)) {
            Ok(cover) => self.shared.see_to(cover),
            Err(_refused) => Err(io::Error::other("the blocking pool has been shut down")),
        }
    }

    fn shutdown(&self, deadline: Option<Duration>) -> Report {
        let until = deadline.map(|deadline| Instant::now().checked_add(deadline));
        let dropped = self.close();
        let mut state = self.shared.state.lock();
        while state.threads() > 0 {
            match until.flatten() {
                None => self.shared.empty.wait(&mut state),
                Some(until) => {
                    if self.shared.empty.wait_until(&mut state, until).timed_out() {
                        break;
                    }
                }
            }
        }
        let stuck = state.running(Instant::now(), |id| self.shared.name(id).into());
        Report::new(stuck, dropped)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("config", &self.shared.config)
            .field("threads", &self.threads())
            .field("queued", &self.queued())
            .finish()
    }
}

impl Shared {
    /// Changes the state, then publishes the length of the queue.
    fn change<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        let result = f(&mut state);
        // Relaxed: whoever acts on it takes the lock and looks again.
        self.queued.store(state.queued(), Ordering::Relaxed);
        result
    }

    /// Wakes or starts the worker that a queued job needs.
    ///
    /// # Errors
    ///
    /// No thread could be started, and none is there: every queued job has been refused.
    fn see_to(self: &Arc<Self>, cover: Cover) -> io::Result<()> {
        match cover {
            Cover::Enough => Ok(()),
            Cover::Wake(thread) => {
                thread.unpark();
                Ok(())
            }
            Cover::Start(id) => self.start(id),
        }
    }

    fn start(self: &Arc<Self>, id: WorkerId) -> io::Result<()> {
        let shared = self.clone();
        let main = Box::new(move || worker::work(&shared, id));
        let Err(error) = self.config.start(&self.name(id), main) else { return Ok(()) };
        match self.change(|state| state.start_failed(id)) {
            StartFailed::Others(Cover::Wake(thread)) => thread.unpark(),
            StartFailed::Others(_) => {}
            StartFailed::Nobody(jobs) => {
                refuse(jobs, &error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Returns the name of a thread.
    fn name(&self, id: WorkerId) -> String {
        format!("{}-{id}", self.config.thread_name)
    }
}

/// Tells the waiters of `jobs` that no thread could be started.
fn refuse(jobs: VecDeque<Job>, error: &io::Error) {
    for job in jobs {
        let copy = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        job.refuse(NotRun::Refused(copy));
    }
}
