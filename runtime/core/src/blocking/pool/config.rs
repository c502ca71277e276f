//! The settings of a pool.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::Pool;

/// Settings of a [`Pool`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use runtime::blocking::PoolConfig;
///
/// // A pool for a disk that does not get faster with more than four readers.
/// let disk = PoolConfig::new()
///     .max_threads(4)
///     .keep_alive(Duration::from_secs(60))
///     .thread_name("disk")
///     .build();
/// # drop(disk);
/// ```
#[derive(Clone)]
pub struct PoolConfig {
    pub(super) max_threads: usize,
    pub(super) keep_alive: Duration,
    pub(super) spin: Duration,
    pub(super) thread_name: String,
    stack_size: Option<NonZeroUsize>,
    spawner: Spawner,
}

/// Starts a thread; tests put one here that fails.
pub(super) type Spawner = Arc<dyn Fn(thread::Builder, ThreadMain) -> io::Result<()> + Send + Sync>;

pub(super) type ThreadMain = Box<dyn FnOnce() + Send>;

impl PoolConfig {
    /// Makes the default settings: at most 512 threads, which leave after 10 idle seconds.
    pub fn new() -> PoolConfig {
        PoolConfig {
            max_threads: 512,
            keep_alive: Duration::from_secs(10),
            spin: Duration::from_micros(50),
            thread_name: String::from("blocking"),
            stack_size: None,
            spawner: Arc::new(|builder, main| builder.spawn(main).map(drop)),
        }
    }

    /// Sets how many threads may run at once, 512 by default. Jobs beyond that wait in a queue.
    ///
    /// Jobs that wait for each other need as many threads as there are jobs.
    ///
    /// # Panics
    ///
    /// If `threads` is zero.
    #[track_caller]
    pub fn max_threads(mut self, threads: usize) -> PoolConfig {
        assert!(threads > 0, "a blocking pool needs at least one thread; use `max_threads(1)`");
        self.max_threads = threads;
        self
    }

    /// Sets how long a thread without a job stays, 10 seconds by default.
    pub fn keep_alive(mut self, idle: Duration) -> PoolConfig {
        self.keep_alive = idle;
        self
    }

    /// Sets for how long a thread that has finished a job may spin for the next one before it sleeps,
    /// 50 microseconds by default. `None` turns it off.
    ///
    /// At most one thread of the pool spins at a time, and only while its recent waits were shorter
    /// than this. On a machine with one processor none does.
    pub fn spin(mut self, limit: Option<Duration>) -> PoolConfig {
        self.spin = limit.unwrap_or(Duration::ZERO);
        self
    }

    /// Sets the name of the threads, to which a dash and a number are appended; `blocking` by default.
    ///
    /// Linux shows no more than 15 bytes of it.
    ///
    /// # Panics
    ///
    /// If `name` has a NUL byte in it.
    #[track_caller]
    pub fn thread_name(mut self, name: impl Into<String>) -> PoolConfig {
        let name = name.into();
        assert!(!name.contains('\0'), "the name of a thread can not have a NUL byte in it");
        self.thread_name = name;
        self
    }

    /// Sets the size in bytes of the threads' stacks; by default that of the standard library.
    ///
    /// # Panics
    ///
    /// If `bytes` is zero.
    #[track_caller]
    pub fn stack_size(mut self, bytes: usize) -> PoolConfig {
        let bytes = NonZeroUsize::new(bytes).expect("the stack of a thread can not be zero bytes");
        self.stack_size = Some(bytes);
        self
    }

    /// Makes the pool, which starts no thread before its first job.
    pub fn build(self) -> Pool {
        Pool::new(self)
    }

    /// Starts a thread with these settings.
    pub(super) fn start(&self, name: &str, main: ThreadMain) -> io::Result<()> {
        let builder = thread::Builder::new().name(name.to_owned());
        let builder = match self.stack_size {
            Some(bytes) => builder.stack_size(bytes.get()),
            None => builder,
        };
        (self.spawner)(builder, main)
    }

    #[cfg(test)]
    pub(super) fn spawner(
        mut self,
        spawner: impl Fn(thread::Builder, ThreadMain) -> io::Result<()> + Send + Sync + 'static,
    ) -> PoolConfig {
        self.spawner = Arc::new(spawner);
        self
    }
}

impl Default for PoolConfig {
    fn default() -> PoolConfig {
        PoolConfig::new()
    }
}

impl fmt::Debug for PoolConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolConfig")
            .field("max_threads", &self.max_threads)
            .field("keep_alive", &self.keep_alive)
            .field("spin", &self.spin)
            .field("thread_name", &self.thread_name)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}
