//! Spawning with particulars.

use std::panic::Location;

use crate::blocking::Executor;
use crate::context::{Context, Section};
use crate::executor::Particulars;
use crate::handle::Handle;
use crate::task::{JoinHandle, expect_current};

/// Spawns a task with a name, or with context variables of its own.
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
        let location = Location::caller();
        let particulars = self.particulars(location);
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
        let _section = self.context.map(Section::of);
        let handle = Handle::current();
        handle.run_named(handle.blocking(), f, self.name, Location::caller())
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
        let _section = self.context.map(Section::of);
        Handle::current().run_named(executor, f, self.name, Location::caller())
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

    fn particulars(self, location: &'static Location<'static>) -> Particulars<'a> {
        let default = Particulars::new(location);
        Particulars { name: self.name, context: self.context.or(default.context), ..default }
    }
}
