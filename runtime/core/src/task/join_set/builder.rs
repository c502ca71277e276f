//! Spawning into a set with particulars.

use std::fmt;

use crate::context::Context;
use crate::handle::Handle;
use crate::task::{self, AbortHandle, JoinSet};

/// Spawns a task into a [`JoinSet`] with a name, or with context variables of its own; made by
/// [`JoinSet::build_task`].
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
