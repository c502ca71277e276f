//! The end of a loop: at once, or with time for tasks and blocking jobs to finish.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::blocking::{self, Executor as _};
use crate::context;
use crate::current::{self, Entered, Nested};
use crate::debug::{Unfinished, warn_of_forgotten_guards};
use crate::errors::CloseError;
use crate::exceptions;
use crate::executor::TaskRef;
use crate::executor::panics::contain_quietly;
use crate::inspect::Ending;
use crate::local::Local;
use crate::runtime::Runtime;
use crate::session::{Main, Session};
use crate::task::Id;
use crate::turn::{end, turn, wake_all};
use crate::watchdog;

impl Runtime {
    /// Closes the loop: drops every task and callback on this thread, and cancels blocking jobs that have not
    /// begun; those that have run on.
    ///
    /// Join handles of what was dropped say cancelled, sockets and timers of the loop end with an error, and
    /// handles refuse. Closing a closed loop does nothing.
    ///
    /// # Errors
    ///
    /// If the loop is running; nothing is closed then.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// let task = rt.spawn(std::future::pending::<()>());
    /// rt.close()?;
    /// assert!(task.is_finished());
    /// assert!(rt.run_forever().is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(&self) -> Result<(), CloseError> {
        if self.is_running() {
            return Err(CloseError::running());
        }
        close_now(self.local());
        Ok(())
    }

    /// Closes the loop as [`Runtime::close`] does, with time to finish, and tells what was left behind.
    ///
    /// First tasks get the [grace](ShutdownOptions::task_grace) that the options give them, in which the loop
    /// runs on. Then every task that is left is dropped on this thread; what they spawn meanwhile is dropped
    /// at once, and its join says cancelled. At last the blocking jobs that have begun are waited for until
    /// the deadline, and left to themselves then: they do not keep the process from ending. A [`Duration`]
    /// stands for options without grace and with that deadline.
    ///
    /// Closing a closed loop does nothing, and its report is empty.
    ///
    /// # Panics
    ///
    /// If the loop is running.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use runtime::ShutdownOptions;
    /// use runtime::time::sleep;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let quick = rt.spawn(sleep(Duration::from_millis(5)));
    /// let _slow = runtime::task::Builder::new()
    ///     .name("slow")
    ///     .spawn_on(sleep(Duration::from_secs(3600)), rt.handle());
    /// let options = ShutdownOptions::new().task_grace(Duration::from_millis(100));
    /// let report = rt.shutdown(options);
    /// assert!(quick.is_finished());
    /// assert_eq!(report.tasks().len(), 1);
    /// assert_eq!(report.tasks()[0].name(), Some("slow"));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn shutdown(&self, options: impl Into<ShutdownOptions>) -> ShutdownReport {
        let options = options.into();
        if self.local().executor.special().is_closing() {
            return ShutdownReport::default();
        }
        let begin = Instant::now();
        if !options.task_grace.is_zero() {
            self.run_down(begin, options.task_grace.min(options.deadline.unwrap_or(Duration::MAX)));
        }
        let tasks: Vec<_> = self.local().executor.unfinished();
        let tasks = tasks.iter().rev().map(LeftTask::of).collect();
        close_loop(self.local());
        let left = options.deadline.map(|deadline| deadline.saturating_sub(begin.elapsed()));
        ShutdownReport { tasks, blocking: self.local().core.shared.blocking.shutdown(left) }
    }

    /// Closes the loop and waits for blocking jobs until the deadline; the same as [`Runtime::shutdown`] with
    /// a [`Duration`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// rt.block_on(async {
    ///     drop(runtime::spawn(std::future::pending::<()>()));
    /// });
    /// let report = rt.shutdown_timeout(Duration::from_secs(1));
    /// assert_eq!(report.tasks().len(), 1);
    /// assert!(report.blocking().is_clean());
    /// # Ok(())
    /// # }
    /// ```
    pub fn shutdown_timeout(self, deadline: Duration) -> ShutdownReport {
        self.shutdown(deadline)
    }

    /// Closes the loop without waiting for anything, as dropping it does.
    pub fn shutdown_background(self) {}

    /// Runs the loop until no task is left, or `grace` has passed since `begin`.
    #[track_caller]
    fn run_down(&self, begin: Instant, grace: Duration) {
        assert!(
            !self.is_running(),
            "a runtime can not be shut down while it is running; return from `block_on` first"
        );
        let running = Nested::new(self.local());
        let session = Session::begin(self.local(), Main::None);
        let mut doom = None;
        while self.local().executor.has_tasks() {
            let left = grace.saturating_sub(begin.elapsed());
            doom = turn(self.local(), Some(left));
            if left.is_zero() || doom.is_some() {
                break;
            }
        }
        drop(session);
        drop(running);
        if let Some(why) = doom {
            end(self.local(), &why);
        }
    }
}

/// Closing without a word is what a drop can do.
impl Drop for Runtime {
    fn drop(&mut self) {
        close_now(self.local());
        warn_of_forgotten_guards(self.local());
    }
}

/// Closes a loop that does not run, and waits for nothing.
pub(crate) fn close_now(local: &Rc<Local>) {
    // What is dropped during close may have the idea to close, too.
    if !local.executor.special().is_closing() {
        close_loop(local);
        local.core.shared.blocking.shutdown(Some(Duration::ZERO));
    }
}

/// Closes the loop itself; its blocking jobs are another matter.
#[track_caller]
fn close_loop(local: &Rc<Local>) {
    let entered = Entered::closing(local);
    let unfinished = Unfinished::of(local);
    let ending = Ending::of(local);
    let context = context::snapshot();
    local.close_executor(|| {
        ending.tell(local);
        // Still current: what libraries left here, and the wakers' owners, takes the owner's path.
        local.storage.close();
        let mut wakers = Vec::new();
        local.reactor.close(&mut wakers);
        local.timers.close(&mut wakers);
        wake_all(&mut wakers);
        exceptions::deliver_last(local);
        drop(entered);
        current::leave(local);
    });
    current::unregister(local.id);
    watchdog::uninstall(local);
    unfinished.warn();
    // What was dropped may have set variables.
    let last = context::install(context);
    contain_quietly(|| drop(last));
}

/// How a loop is to be shut down; see [`Runtime::shutdown`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::ShutdownOptions;
///
/// // Five seconds for tasks to finish by themselves, ten for everything together.
/// let options = ShutdownOptions::new()
///     .task_grace(Duration::from_secs(5))
///     .deadline(Duration::from_secs(10));
/// ```
#[derive(Debug, Clone)]
#[must_use = "options do nothing until they are handed to `Runtime::shutdown`"]
pub struct ShutdownOptions {
    task_grace: Duration,
    deadline: Option<Duration>,
}

impl ShutdownOptions {
    /// No grace for tasks, and no deadline: blocking jobs that have begun are waited for as long as they
    /// take.
    pub fn new() -> ShutdownOptions {
        ShutdownOptions { task_grace: Duration::ZERO, deadline: None }
    }

    /// How long the loop runs on for tasks that finish by themselves; the default is not at all. Timers,
    /// sockets and blocking jobs work meanwhile. It ends at once when no task is left.
    pub fn task_grace(mut self, grace: Duration) -> ShutdownOptions {
        self.task_grace = grace;
        self
    }

    /// How long the whole shutdown may take; the default is as long as the blocking jobs take that have
    /// begun. The drop of a task that blocks is not interrupted.
    pub fn deadline(mut self, deadline: Duration) -> ShutdownOptions {
        self.deadline = Some(deadline).filter(|&deadline| deadline != Duration::MAX);
        self
    }

    /// When a shutdown that begins now has to be over; `None` is never.
    pub(crate) fn latest(&self) -> Option<Instant> {
        self.deadline.and_then(|deadline| Instant::now().checked_add(deadline))
    }

    /// What is left of them for one who begins late.
    pub(crate) fn after(self, late: Duration) -> ShutdownOptions {
        ShutdownOptions {
            task_grace: self.task_grace.saturating_sub(late),
            deadline: self.deadline.map(|deadline| deadline.saturating_sub(late)),
        }
    }
}

impl Default for ShutdownOptions {
    fn default() -> ShutdownOptions {
        ShutdownOptions::new()
    }
}

impl From<Duration> for ShutdownOptions {
    /// The deadline.
    fn from(deadline: Duration) -> ShutdownOptions {
        ShutdownOptions::new().deadline(deadline)
    }
}

/// What a shutdown left behind.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ShutdownReport {
    tasks: Vec<LeftTask>,
    blocking: blocking::Report,
}

impl ShutdownReport {
    /// The tasks that were dropped before they had finished, in the order in which they were spawned.
    pub fn tasks(&self) -> &[LeftTask] {
        &self.tasks
    }

    /// What became of the blocking jobs that had not ended.
    pub fn blocking(&self) -> &blocking::Report {
        &self.blocking
    }

    /// Whether every task had finished, and no blocking job was left running.
    pub fn is_clean(&self) -> bool {
        self.tasks.is_empty() && self.blocking.is_clean()
    }
}

impl fmt::Display for ShutdownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tasks.len() {
            0 => f.write_str("no task left unfinished")?,
            1 => f.write_str("1 task left unfinished")?,
            many => write!(f, "{many} tasks left unfinished")?,
        }
        for task in &self.tasks {
            write!(f, "\n  {task}")?;
        }
        write!(f, "\n{}", self.blocking)
    }
}

/// A task that was dropped by a shutdown before it had finished.
#[derive(Debug, Clone)]
pub struct LeftTask {
    id: Id,
    name: Option<Box<str>>,
    location: &'static Location<'static>,
}

impl LeftTask {
    fn of(task: &TaskRef) -> LeftTask {
        let cold = task.cold();
        LeftTask { id: cold.id, name: cold.name.clone(), location: cold.location }
    }

    /// The task's id.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The name that it was given.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where it was spawned.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

impl fmt::Display for LeftTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name().unwrap_or("without a name");
        write!(f, "task {} ({name}), spawned at {}", self.id, self.location)
    }
}
