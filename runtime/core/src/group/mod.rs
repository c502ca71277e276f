//! One loop for each of several threads.
//!
//! A loop is single-threaded, and so a program that wants several processors runs several of them. A
//! [`LoopGroup`] starts the threads, builds a loop on each, and ends them all. Nothing moves between its
//! loops by itself: a task stays where it was spawned, which is why it need not be `Send`. What goes from one
//! loop to another does so on purpose, through a [`GroupHandle`] or a channel.
//!
//! The usual way to spread a server over all of them is a listener per loop on the same address
//! (`TcpSocket::set_reuseport`): the kernel then deals the connections out, and each is served by the loop
//! that accepted it.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use runtime::LoopGroup;
//!
//! # fn main() -> std::io::Result<()> {
//! let group = LoopGroup::builder().loops(2).thread_name("worker").build()?;
//!
//! // The same on each of them, and the outputs in order.
//! let squares: Vec<usize> =
//!     group.run(|index| async move { index * index }).into_iter().map(Result::unwrap).collect();
//! assert_eq!(squares, [0, 1]);
//!
//! let report = group.shutdown(Duration::from_secs(5));
//! assert!(report.ended_well(), "{report}");
//! # Ok(())
//! # }
//! ```

#[cfg(target_os = "linux")]
#[path = "affinity_linux.rs"]
mod affinity;
#[cfg(not(target_os = "linux"))]
#[path = "affinity_other.rs"]
mod affinity;
mod builder;
mod handle;
mod park;
mod report;
mod thread;

use std::fmt;
use std::io;
use std::ops::Deref;
use std::time::{Duration, Instant};

use crate::handle::Handle;
use crate::shutdown::ShutdownOptions;
use crate::task::JoinError;

pub use self::builder::Builder;
pub use self::handle::GroupHandle;
pub use self::report::{GroupReport, LoopReport};
use self::thread::LoopThread;

/// How much longer than its loops a shutdown waits, so that one which has waited in vain can still say for
/// what.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Several loops, each on a thread of its own; see the [module](self).
///
/// The group owns the threads. What can be done with the loops without owning them, spawning above all, is
/// the business of its [`GroupHandle`], whose methods a group has as well.
///
/// Dropping a group stops its loops, and waits for nothing: each thread drops its tasks, unless the process
/// ends first. Use [`shutdown`](LoopGroup::shutdown) to wait, and to hear what went wrong.
#[must_use = "dropped at once, its loops end at once"]
pub struct LoopGroup {
    handle: GroupHandle,
    threads: Vec<LoopThread>,
}

impl LoopGroup {
    /// Starts a loop for each processor, with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// See [`Builder::build`].
    pub fn new() -> io::Result<LoopGroup> {
        Builder::new().build()
    }

    /// Starts to set up a group.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The group as tasks and other threads may use it.
    pub fn group_handle(&self) -> &GroupHandle {
        &self.handle
    }

    /// Runs a future on each loop, waits for all of them, and returns what they came to, in the order of the
    /// loops.
    ///
    /// `create` is called on each loop's thread with the loop's index, so the futures need not be `Send`.
    /// What a future leaves behind on its loop, such as tasks, goes on.
    ///
    /// # Errors
    ///
    /// Each result is that of a task: the future may have panicked, or been dropped because its loop came to
    /// an end.
    ///
    /// # Panics
    ///
    /// Inside of a loop, which would stand still meanwhile; await the handles of
    /// [`spawn_on_each`](GroupHandle::spawn_on_each) there.
    #[track_caller]
    pub fn run<C, F>(&self, create: C) -> Vec<Result<F::Output, JoinError>>
    where
        C: Fn(usize) -> F + Send + Sync + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        assert!(
            Handle::try_current().is_err(),
            "`LoopGroup::run` blocks, and was called inside of a loop: spawn with `spawn_on_each` and await the handles, or \
             call it on another thread"
        );
        let tasks = self.handle.spawn_on_each(create);
        tasks.into_iter().map(park::block_on).collect()
    }

    /// Waits until every loop has come to an end by itself, and reports on them.
    ///
    /// A loop ends when it is [stopped](Handle::stop), by one of its tasks for example, or when its thread
    /// panics. [`GroupHandle::stop`] stops all of them. The calling thread is blocked; on a thread of the
    /// group itself, that thread is not waited for.
    pub fn join(mut self) -> GroupReport {
        self.collect(None)
    }

    /// Stops every loop, waits for the threads, and reports on them.
    ///
    /// Each loop does on its thread what [`Runtime::shutdown`](crate::Runtime::shutdown) does with these
    /// options: tasks get their grace and are dropped, and the blocking jobs that have begun are waited for
    /// until the deadline. A thread that has not ended by then (and a tenth of a second more, for its report)
    /// is left to itself: a task or a drop on it must be blocking. The report names it. A [`Duration`] is a
    /// deadline, with no grace.
    ///
    /// The calling thread is blocked. Inside of a loop that has other things to do, call this through
    /// [`spawn_blocking`](crate::spawn_blocking). On a thread of the group itself, that thread is not waited
    /// for.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let group = runtime::LoopGroup::builder().loops(2).build()?;
    /// let task = group.spawn_on(1, std::future::pending::<()>());
    /// let report = group.shutdown(Duration::from_secs(5));
    /// assert!(report.loops().iter().all(|each| each.shutdown().is_some()));
    /// assert!(task.is_finished());
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown(mut self, options: impl Into<ShutdownOptions>) -> GroupReport {
        let options = options.into();
        let latest = options.latest().and_then(|latest| latest.checked_add(LAST_WORDS));
        self.threads.iter().for_each(|thread| thread.stop(options.clone()));
        self.collect(latest)
    }

    fn collect(&mut self, deadline: Option<Instant>) -> GroupReport {
        let threads = std::mem::take(&mut self.threads).into_iter().enumerate();
        GroupReport::new(threads.map(|(index, thread)| thread.join(index, deadline)).collect())
    }
}

impl Deref for LoopGroup {
    type Target = GroupHandle;

    fn deref(&self) -> &GroupHandle {
        &self.handle
    }
}

impl Drop for LoopGroup {
    fn drop(&mut self) {
        self.threads.iter().for_each(|thread| thread.stop(Duration::ZERO.into()));
    }
}

impl fmt::Debug for LoopGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopGroup").field("loops", &self.handle.handles()).finish()
    }
}
