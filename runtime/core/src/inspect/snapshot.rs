//! All that is known of a loop at one moment, and ways to ask for it.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::current::with_current;
use crate::handle::Handle;
use crate::local::Local;
use crate::task::Id;
use crate::time::Instant;

use super::{Graph, Metrics, TaskInfo, Waiter, collect};

/// All that is known of a loop at one moment; see [`Handle::snapshot`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken.
    pub taken_at: Instant,
    /// The main future, while the loop runs one: what `block_on` and its kin run.
    pub main: Option<TaskInfo>,
    /// The tasks that have not finished, the oldest first.
    pub tasks: Vec<TaskInfo>,
    /// The groups of tasks that are being run, the oldest first.
    pub groups: Vec<GroupInfo>,
    /// The resources that the program has [named](crate::task::holding) as held, and which tasks hold each.
    pub held: Vec<(Arc<str>, Vec<Id>)>,
    /// How the loop is doing.
    pub metrics: Metrics,
}

/// What is known of a group of tasks, a [`TaskGroup`](crate::task::TaskGroup).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GroupInfo {
    /// Its number, by which [`Awaits::Group`](super::Awaits::Group) and [`Waiter::Group`] name it.
    pub number: u64,
    /// Its members that have not finished.
    pub members: Vec<Id>,
    /// Who awaits it.
    pub awaited_by: Vec<Waiter>,
}

impl Snapshot {
    /// Who awaits what.
    pub fn graph(&self) -> Graph {
        Graph::new(self)
    }
}

/// Why a loop has not said how it is; see [`Handle::snapshot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The loop is closed.
    Closed,
    /// The loop belongs to this very thread and is not current, so it cannot answer while this thread waits.
    /// [`Runtime::enter`](crate::Runtime::enter) makes it current.
    NotCurrent,
    /// The loop has not answered in time: it is in a poll, or a callback, that takes long.
    /// [`Handle::current_poll`] tells which one, if the loop is inspected or has a watchdog.
    TimedOut,
    /// The loop has not answered in time, for nobody runs it: its first run is to come, or it is between two
    /// of them.
    NotRun,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SnapshotError::Closed => "the runtime is closed",
            SnapshotError::NotCurrent => {
                "the runtime belongs to this thread and is not running; enter it first, by `Runtime::enter`"
            }
            SnapshotError::TimedOut => {
                "the runtime did not answer in time: it is blocked in a poll or a callback"
            }
            SnapshotError::NotRun => "the runtime did not answer in time: nobody runs it",
        })
    }
}

impl std::error::Error for SnapshotError {}

/// How long loops of other threads may take to answer, where callers do not say.
const PATIENCE: Duration = Duration::from_secs(1);

impl Handle {
    /// The tasks of the loop that have not finished, the oldest first.
    ///
    /// On the loop's own thread, inside of the loop, that is known at once, and is no error. On other threads
    /// this is a [`snapshot`](Handle::snapshot) with a timeout of a second. The main future is not among the
    /// tasks; see [`Snapshot::main`](crate::inspect::Snapshot::main). Takes time in proportion to the number of
    /// tasks, timers and sources; see [`inspect`](crate::inspect) for what it tells.
    ///
    /// # Errors
    ///
    /// As [`Handle::snapshot`].
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::Handle;
    ///
    /// # fn main() -> Result<(), runtime::inspect::SnapshotError> {
    /// runtime::run(async {
    ///     let task = runtime::task::Builder::new().name("idle").spawn(std::future::pending::<()>());
    ///     let tasks = Handle::current().tasks()?;
    ///     assert_eq!(tasks.len(), 1);
    ///     assert_eq!((tasks[0].id, tasks[0].name.as_deref()), (task.id(), Some("idle")));
    ///     Ok(())
    /// })
    /// # }
    /// ```
    #[doc(alias = "all_tasks")]
    pub fn tasks(&self) -> Result<Vec<TaskInfo>, SnapshotError> {
        self.snapshot(PATIENCE).map(|snapshot| snapshot.tasks)
    }

    /// Who awaits what on the loop, for people and programs; from any thread, as [`Handle::tasks`].
    ///
    /// # Errors
    ///
    /// As [`Handle::snapshot`].
    ///
    /// # Examples
    ///
    /// Two tasks that wait for each other:
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    ///
    /// use runtime::task::JoinHandle;
    ///
    /// # fn main() -> Result<(), runtime::inspect::SnapshotError> {
    /// runtime::run(async {
    ///     let other: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
    ///     let taken = other.clone();
    ///     let first = runtime::spawn(async move {
    ///         let second = taken.take().unwrap();
    ///         second.await.unwrap()
    ///     });
    ///     other.replace(Some(runtime::spawn(async { first.await.unwrap() })));
    ///     runtime::task::yield_now().await;
    ///
    ///     let graph = runtime::Handle::current().graph()?;
    ///     assert_eq!(graph.deadlocks().count(), 1);
    ///     println!("{graph}");
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn graph(&self) -> Result<Graph, SnapshotError> {
        self.snapshot(PATIENCE).map(|snapshot| snapshot.graph())
    }

    /// How the loop is doing; from any thread, as [`Handle::tasks`].
    ///
    /// # Errors
    ///
    /// As [`Handle::snapshot`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), runtime::inspect::SnapshotError> {
    /// runtime::run(async {
    ///     let _task = runtime::spawn(std::future::pending::<()>());
    ///     let metrics = runtime::Handle::current().metrics()?;
    ///     assert_eq!(metrics.live_tasks, 1);
    ///     // Nobody counts polls as long as the loop is not inspected.
    ///     assert_eq!(metrics.polls, None);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn metrics(&self) -> Result<Metrics, SnapshotError> {
        self.ask(PATIENCE, collect::metrics)
    }

    /// All that is known of the loop, asked from any thread: at once on the loop's own thread, else at the
    /// beginning of its next turn, for which this thread waits no longer than `timeout`.
    ///
    /// It blocks the thread that calls. From inside of another loop, spawn a task there that asks, and await
    /// that: `handle.spawn(async { Handle::current().tasks() }).await`.
    ///
    /// # Errors
    ///
    /// If the loop is closed, does not answer in time, or is this thread's but not current; see
    /// [`SnapshotError`](crate::inspect::SnapshotError).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let rt = runtime::Runtime::new().unwrap();
    /// let handle = rt.handle().clone();
    /// let observer = std::thread::spawn(move || {
    ///     let snapshot = handle.snapshot(Duration::from_secs(60)).unwrap();
    ///     handle.stop().unwrap();
    ///     snapshot.tasks.len()
    /// });
    /// rt.spawn(std::future::pending::<()>());
    /// rt.run_forever().unwrap();
    /// assert_eq!(observer.join().unwrap(), 1);
    /// ```
    pub fn snapshot(&self, timeout: Duration) -> Result<Snapshot, SnapshotError> {
        self.ask(timeout, collect::snapshot)
    }

    /// Asks the loop, wherever it is.
    fn ask<R: Send + 'static>(
        &self,
        timeout: Duration,
        answer: fn(&Local) -> R,
    ) -> Result<R, SnapshotError> {
        let is_it = |local: &Local| Arc::ptr_eq(&local.core, self.core());
        let here = with_current(|local| is_it(local).then(|| answer(local)));
        if let Some(answer) = here.flatten() {
            return Ok(answer);
        }
        if self.is_closed() {
            return Err(SnapshotError::Closed);
        }
        if self.core().is_at_home() {
            return Err(SnapshotError::NotCurrent);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        // Nobody is there to take it if the time was up.
        self.core().post(move |local| drop(sender.send(answer(local))));
        receiver.recv_timeout(timeout).map_err(|error| match error {
            RecvTimeoutError::Timeout if self.core().shared.run_at.location().is_none() => {
                SnapshotError::NotRun
            }
            RecvTimeoutError::Timeout => SnapshotError::TimedOut,
            // The loop has dropped the question.
            RecvTimeoutError::Disconnected => SnapshotError::Closed,
        })
    }
}
