//! Spawning into a set with particulars.

use std::fmt;
use std::panic::Location;

use crate::context::Context;
use crate::handle::Handle;
use crate::task::{self, AbortHandle, JoinSet, Priority};

/// Spawns a task into a [`JoinSet`] of which more is said: a name, context variables of its own, how urgent it
/// is; made by [`JoinSet::build_task`].
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder<'a, T> {
    set: &'a mut JoinSet<T>,
    task: task::Builder<'a>,
}

impl<'a, T: 'static> Builder<'a, T> {
    pub(super) fn new(set: &'a mut JoinSet<T>) -> Builder<'a, T> {
        Builder { set, task: task::Builder::new() }
    }

    /// Names the task; see [`task::Builder::name`].
    pub fn name(mut self, name: &'a str) -> Builder<'a, T> {
        self.task = self.task.name(name);
        self
    }

    /// Begins the task with these context variables; see [`task::Builder::context`].
    pub fn context(mut self, context: Context) -> Builder<'a, T> {
        self.task = self.task.context(context);
        self
    }

    /// Says where the task comes from; see [`task::Builder::location`].
    pub fn location(mut self, location: &'static Location<'static>) -> Builder<'a, T> {
        self.task = self.task.location(location);
        self
    }

    /// Says how urgent the task is; see [`task::Builder::priority`].
    pub fn priority(mut self, priority: Priority) -> Builder<'a, T> {
        self.task = self.task.priority(priority);
        self
    }

    /// Says whether the task is polled for the first time at once; see [`task::Builder::eager`].
    pub fn eager(mut self, eager: bool) -> Builder<'a, T> {
        self.task = self.task.eager(eager);
        self
    }

    /// Spawns on the current loop; see [`JoinSet::spawn`].
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.set.insert(self.task.spawn(future))
    }

    /// Spawns on the loop of `handle`; see [`JoinSet::spawn_on`].
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.set.insert(self.task.spawn_on(future, handle))
    }

    /// Runs a blocking function; see [`JoinSet::spawn_blocking`].
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn_blocking<F>(self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.set.insert(self.task.spawn_blocking(f))
    }
}

impl<T> fmt::Debug for Builder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("task", &self.task).finish_non_exhaustive()
    }
}
