//! Spawning with particulars.

use std::panic::Location;

use crate::blocking::Executor;
use crate::handle::Handle;
use crate::task::{JoinHandle, expect_current};

/// Spawns a task that has a name.
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
#[derive(Debug, Clone, Copy, Default)]
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder<'a> {
    name: Option<&'a str>,
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
        let cell = expect_current(|local| local.spawn(future, location));
        if let Some(name) = self.name {
            cell.set_name(name);
        }
        JoinHandle::new(cell)
    }

    /// Runs a blocking function on the blocking pool of the current loop; see [`spawn_blocking`](crate::task::spawn_blocking).
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
        Handle::current().run_named(executor, f, self.name, Location::caller())
    }

    /// Spawns on the loop of `handle`, from any thread; see [`Handle::spawn`].
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn_named(future, self.name, Location::caller())
    }
}
