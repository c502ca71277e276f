//! What is known of one task.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::reactor::Direction;
use crate::task::Id;
use crate::time::Instant;

/// What is known of a task at one moment; see [`Handle::tasks`](crate::Handle::tasks).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TaskInfo {
    /// Its id.
    pub id: Id,
    /// The name it was given by [`task::Builder`](crate::task::Builder), if any.
    pub name: Option<Arc<str>>,
    /// Where it was spawned; for the main future, where it was handed to its loop, by `block_on` or its kin.
    pub location: &'static Location<'static>,
    /// Whether it runs, could run, or waits.
    pub state: TaskState,
    /// How often it has been polled since the loop has been inspected; `None` if it is not.
    pub polls: Option<u64>,
    /// How long it has kept the loop in its polls since the loop has been inspected; `None` if it is not.
    pub busy: Option<Duration>,
    /// What will wake it, as far as is known. A task that waits always has something here, if it is
    /// [`Awaits::Unknown`]; one that is ready or runs may have nothing.
    ///
    /// The list need not be whole: where something is known that will wake the task, it may wait for something
    /// unknown besides, as in a `select!` between a join and a channel of a foreign crate.
    pub awaits: Vec<Awaits>,
    /// Who awaits its output.
    pub awaited_by: Vec<Waiter>,
}

/// What a task is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskState {
    /// It is being polled: by whoever asks, or around him, where tasks are started eagerly within others.
    Running,
    /// It has been woken, or not been polled yet, and waits for its turn.
    Ready,
    /// It waits for something else.
    Waiting,
}

impl TaskState {
    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskState::Running => "running",
            TaskState::Ready => "ready",
            TaskState::Waiting => "waiting",
        }
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that will wake a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Awaits {
    /// The output of another task.
    Task(Id),
    /// The members of a [`TaskGroup`](crate::task::TaskGroup), by the number of the group in
    /// [`Snapshot::groups`](crate::inspect::Snapshot::groups).
    Group(u64),
    /// A moment: a sleep, a timeout, an interval.
    Timer {
        /// When it is due.
        deadline: Instant,
        /// How long that was off when the snapshot was taken; zero if it is overdue.
        left: Duration,
    },
    /// A source of I/O.
    Io {
        /// Whether to read or to write.
        direction: Direction,
        /// The number of the source in the system, its file descriptor; `None` where it has none.
        fd: Option<i32>,
    },
    /// The end of a blocking job.
    Blocking,
    /// Something that the program has [named](crate::task::awaiting).
    Resource(Arc<str>),
    /// A request to end, by [`cancelled`](crate::task::cancelled).
    Cancellation,
    /// Something that the loop does not know of, such as a channel, a lock, or a task of another loop. Told
    /// only if nothing else is known.
    Unknown,
}

impl fmt::Display for Awaits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Awaits::Task(id) => write!(f, "task {id}"),
            Awaits::Group(number) => write!(f, "group {number}"),
            Awaits::Timer { left, .. } => write!(f, "timer in {left:.3?}"),
            Awaits::Io { direction, fd } => {
                match fd {
                    Some(fd) => write!(f, "fd {fd} to be ")?,
                    None => f.write_str("a source to be ")?,
                }
                f.write_str(match direction {
                    Direction::Read => "readable",
                    Direction::Write => "writable",
                })
            }
            Awaits::Blocking => f.write_str("blocking job"),
            Awaits::Resource(name) => f.write_str(name),
            Awaits::Cancellation => f.write_str("a request to end"),
            Awaits::Unknown => f.write_str("something unknown"),
        }
    }
}

/// Somebody who awaits a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Waiter {
    /// Another task, of this loop or of another one.
    Task(Id),
    /// A main future: what `block_on` and its kin run. On this loop, its id is that of
    /// [`Snapshot::main`](crate::inspect::Snapshot::main).
    Main(Id),
    /// A group that the task is a member of, by its number.
    Group(u64),
    /// Somebody with a waker of his own: another thread, or a collection such as `FuturesUnordered`, in which
    /// the task that polls it cannot be seen unless the loop is inspected.
    Foreign,
}

impl fmt::Display for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Waiter::Task(id) => write!(f, "task {id}"),
            Waiter::Main(_) => f.write_str("main future"),
            Waiter::Group(number) => write!(f, "group {number}"),
            Waiter::Foreign => f.write_str("a waker of somebody else's"),
        }
    }
}
