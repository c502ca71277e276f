//! Spawning with particulars.

use std::panic::Location;
use std::sync::Arc;

use crate::blocking::{Executor, Origin};
use crate::context::{Context, Section};
use crate::executor::Particulars;
use crate::handle::Handle;
use crate::task::{JoinHandle, Priority, expect_current};

/// Spawns a task of which more is said: a name, context variables of its own, how urgent it is.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let task = runtime::task::Builder::new().name("greeter").spawn(async { "hello" });
///     assert_eq!(task.name(), Some("greeter"));
///     assert_eq!(task.await.unwrap(), "hello");
/// });
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder<'a> {
    name: Option<&'a str>,
    context: Option<Context>,
    location: Option<&'static Location<'static>>,
    priority: Priority,
    eager: bool,
    job: bool,
}

impl<'a> Builder<'a> {
    /// A builder of tasks without a name.
    pub fn new() -> Builder<'a> {
        Builder::default()
    }

    /// Names the task, for diagnostics.
    pub fn name(mut self, name: &'a str) -> Builder<'a> {
        self.name = Some(name);
        self
    }

    /// Begins the task with these context variables instead of those of the caller.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::context::Context;
    ///
    /// runtime::context_var! {
    ///     static USER: &str = "nobody";
    /// }
    ///
    /// runtime::run(async {
    ///     USER.set("ada");
    ///     let blank = runtime::task::Builder::new().context(Context::new());
    ///     assert_eq!(blank.spawn(async { USER.get() }).await.unwrap(), "nobody");
    /// });
    /// ```
    pub fn context(mut self, context: Context) -> Builder<'a> {
        self.context = Some(context);
        self
    }

    /// Says where the task comes from, for diagnostics, instead of where `spawn` is called: for libraries
    /// that spawn on behalf of others, in functions that are not `#[track_caller]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::panic::Location;
    ///
    /// use runtime::task::{self, JoinHandle};
    ///
    /// struct Job {
    ///     submitted: &'static Location<'static>,
    /// }
    ///
    /// impl Job {
    ///     fn run(self) -> JoinHandle<()> {
    ///         task::Builder::new().location(self.submitted).spawn(async {})
    ///     }
    /// }
    ///
    /// runtime::run(async {
    ///     let here = Location::caller();
    ///     assert_eq!(Job { submitted: here }.run().location(), here);
    /// });
    /// ```
    pub fn location(mut self, location: &'static Location<'static>) -> Builder<'a> {
        self.location = Some(location);
        self
    }

    /// Says how urgent the task is; the default is [`Priority::Normal`].
    ///
    /// Of the tasks that are ready, those of high priority are polled first and those of low priority last,
    /// and those of one priority in the order in which they became ready. A task that becomes ready goes
    /// before all less urgent ones that are ready already, but it never interrupts one. The main future and
    /// callbacks are `Normal`.
    ///
    /// Nobody starves. Of any 8 polls in a row at least one goes to a `Normal` task if there is one that is
    /// ready, and of any 32 at least one to a `Low` task. I/O and timers are looked at as often as ever
    /// ([`event_interval`](crate::Builder::event_interval)). Low priority is for work that may take until
    /// tomorrow, in short polls: it makes no poll shorter that holds up the loop. To limit how much is done at
    /// once, use a semaphore; for work that computes, [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// Only a loop that has, or has had, a task of another priority than `Normal` pays for this, from then
    /// on: about 290 instructions a poll. There a pass, which [`stop`](crate::Runtime::stop) lets run to its
    /// end, is as many polls as there were tasks ready at its beginning, though not always of these tasks.
    ///
    /// [`JoinHandle::set_priority`] changes it later, and a [task factory](crate::Builder::task_factory) can
    /// decide it for [all tasks](crate::task::NewTask::set_priority). The priority of a blocking job is that of
    /// the task that waits for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    ///
    /// use runtime::task::{self, Priority};
    ///
    /// runtime::run(async {
    ///     let order = Rc::new(RefCell::new(Vec::new()));
    ///     let note = |name: &'static str, priority| {
    ///         let order = order.clone();
    ///         task::Builder::new().priority(priority).spawn(async move { order.borrow_mut().push(name) })
    ///     };
    ///     let tasks = [
    ///         note("report", Priority::Low),
    ///         note("request", Priority::Normal),
    ///         note("heartbeat", Priority::High),
    ///     ];
    ///     for task in tasks {
    ///         task.await.unwrap();
    ///     }
    ///     assert_eq!(*order.borrow(), ["heartbeat", "request", "report"]);
    /// });
    /// ```
    pub fn priority(mut self, priority: Priority) -> Builder<'a> {
        self.priority = priority;
        self
    }

    /// Says whether the task is polled for the first time at once, before `spawn` returns; see
    /// [`spawn_eager`](crate::task::spawn_eager). From another thread nothing can be polled at once.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::run(async {
    ///     let task = runtime::task::Builder::new().name("parser").eager(true).spawn(async { "parsed" });
    ///     assert!(task.is_finished());
    /// });
    /// ```
    pub fn eager(mut self, eager: bool) -> Builder<'a> {
        self.eager = eager;
        self
    }

    /// Spawns on the current loop; see [`spawn`](crate::task::spawn).
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let particulars = self.particulars(Location::caller());
        JoinHandle::new(expect_current(|local| local.spawn_specially(future, particulars)))
    }

    /// Runs a blocking function on the blocking pool of the current loop; see
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// The name also appears in the report of a shutdown that leaves the job behind.
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn_blocking<F, T>(self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let _section = self.context.clone().map(Section::of);
        let handle = Handle::current();
        let particulars = self.particulars(Location::caller());
        handle.run_particular(handle.blocking(), f, particulars)
    }

    /// Runs a blocking function on an executor of the caller's choice; see [`run_in`](crate::task::run_in).
    ///
    /// The executor can ask the job for its [name](crate::blocking::Job::name).
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn run_in<E, F, T>(self, executor: &E, f: F) -> JoinHandle<T>
    where
        E: Executor + ?Sized,
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let _section = self.context.clone().map(Section::of);
        let particulars = self.particulars(Location::caller());
        Handle::current().run_particular(executor, f, particulars)
    }

    /// Spawns on the loop of `handle`, from any thread; see [`Handle::spawn`].
    ///
    /// On a closed loop the future is dropped at once, and the join says cancelled.
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn_with(future, self.particulars(Location::caller()))
    }

    /// Notes that all the task does is to wait for a blocking job.
    pub(super) fn job(mut self) -> Builder<'a> {
        self.job = true;
        self
    }

    /// Where a blocking job comes from that is run with these particulars.
    pub(super) fn origin(&self, caller: &'static Location<'static>) -> Origin {
        let location = self.location.unwrap_or(caller);
        Origin { location, name: self.name.map(Arc::from) }
    }

    fn particulars(self, caller: &'static Location<'static>) -> Particulars<'a> {
        let default = Particulars::new(self.location.unwrap_or(caller));
        let Builder { name, context, priority, eager, job, .. } = self;
        Particulars { name, context: context.or(default.context), priority, eager, job, ..default }
    }
}
