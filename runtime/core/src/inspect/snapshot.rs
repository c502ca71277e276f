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

/// Why there is no snapshot; see [`Handle::snapshot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The loop is closed.
    Closed,
    /// The loop belongs to this very thread and is not current, so it cannot answer while this thread waits.
    /// [`Runtime::enter`](crate::Runtime::enter) makes it current.
    NotCurrent,
    /// The loop has not answered in time. It is in a poll that takes long, or between two runs.
    TimedOut,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SnapshotError::Closed => "the runtime is closed",
            SnapshotError::NotCurrent => {
                "the runtime belongs to this thread and is not running; enter it first, by `Runtime::enter`"
            }
            SnapshotError::TimedOut => {
                "the runtime did not answer in time: it is blocked in a poll or a callback, or is not being run"
            }
        })
    }
}

impl std::error::Error for SnapshotError {}

impl Handle {
    /// The tasks of the loop that have not finished, the oldest first.
    ///
    /// For the loop's own thread, inside of the loop. The main future is not among them; see
    /// [`Snapshot::main`](crate::inspect::Snapshot::main). A closed loop has none. Takes time in proportion to
    /// the number of tasks, timers and sources; see [`inspect`](crate::inspect) for what it tells.
    ///
    /// # Panics
    ///
    /// On other threads, or where the loop is neither running nor entered; [`Handle::snapshot`] asks from
    /// there.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::Handle;
    ///
    /// runtime::run(async {
    ///     let task = runtime::task::Builder::new().name("idle").spawn(std::future::pending::<()>());
    ///     let tasks = Handle::current().tasks();
    ///     assert_eq!(tasks.len(), 1);
    ///     assert_eq!((tasks[0].id, tasks[0].name.as_deref()), (task.id(), Some("idle")));
    /// });
    /// ```
    #[track_caller]
    pub fn tasks(&self) -> Vec<TaskInfo> {
        self.here_or_closed(collect::snapshot).map_or_else(Vec::new, |snapshot| snapshot.tasks)
    }

    /// Who awaits what on the loop, for people and programs.
    ///
    /// # Panics
    ///
    /// As [`Handle::tasks`].
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
    ///     let graph = runtime::Handle::current().graph();
    ///     assert_eq!(graph.deadlocks().count(), 1);
    ///     println!("{graph}");
    /// });
    /// ```
    #[track_caller]
    pub fn graph(&self) -> Graph {
        self.here_or_closed(collect::snapshot)
            .as_ref()
            .map_or_else(|| Graph::new(&Snapshot::empty()), Snapshot::graph)
    }

    /// How the loop is doing.
    ///
    /// # Panics
    ///
    /// As [`Handle::tasks`].
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::run(async {
    ///     let _task = runtime::spawn(std::future::pending::<()>());
    ///     let metrics = runtime::Handle::current().metrics();
    ///     assert_eq!(metrics.live_tasks, 1);
    ///     // Nobody counts polls as long as the loop is not inspected.
    ///     assert_eq!(metrics.polls, None);
    /// });
    /// ```
    #[track_caller]
    pub fn metrics(&self) -> Metrics {
        self.here_or_closed(collect::metrics).unwrap_or_default()
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
        if let Some(snapshot) = self.here(collect::snapshot) {
            return Ok(snapshot);
        }
        if self.is_closed() {
            return Err(SnapshotError::Closed);
        }
        if self.core().is_at_home() {
            return Err(SnapshotError::NotCurrent);
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        // Nobody is there to take it if the time was up.
        self.core().post(move |local| drop(sender.send(collect::snapshot(local))));
        receiver.recv_timeout(timeout).map_err(|error| match error {
            RecvTimeoutError::Timeout => SnapshotError::TimedOut,
            // The loop has dropped the question.
            RecvTimeoutError::Disconnected => SnapshotError::Closed,
        })
    }

    /// Asks the loop if it is current on this thread.
    fn here<R>(&self, ask: impl FnOnce(&Local) -> R) -> Option<R> {
        with_current(|local| Arc::ptr_eq(&local.core, self.core()).then(|| ask(local))).flatten()
    }

    /// The same; `None` if it is closed.
    #[track_caller]
    fn here_or_closed<R>(&self, ask: impl FnOnce(&Local) -> R) -> Option<R> {
        let answer = self.here(ask);
        assert!(
            answer.is_some() || self.is_closed(),
            "this loop is not current on this thread; `Handle::snapshot` asks it from any thread, \
             `Runtime::enter` makes it current on its own"
        );
        answer
    }
}

impl Snapshot {
    /// What is known of a loop that is closed.
    fn empty() -> Snapshot {
        Snapshot {
            taken_at: Instant::now(),
            main: None,
            tasks: Vec::new(),
            groups: Vec::new(),
            held: Vec::new(),
            metrics: Metrics::default(),
        }
    }
}
