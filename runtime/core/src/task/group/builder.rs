//! Saying more of a group, and of its children.

use std::fmt;
use std::time::Duration;

use crate::context::Context;
use crate::task::group::run::run;
use crate::task::{Builder, GroupError, JoinHandle, TaskGroup};

/// What is to be known of a group before it is run; made by [`TaskGroup::builder`].
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until it runs the group"]
pub struct GroupBuilder {
    pub(super) max_concurrent: Option<usize>,
    pub(super) grace: Option<Duration>,
}

impl GroupBuilder {
    /// Has at most so many children run at once; the others wait for their turn, first come first served.
    ///
    /// The body is not counted. A child that waits keeps its place among those that run: children that wait
    /// for their siblings may well wait for ever.
    ///
    /// # Panics
    ///
    /// If `children` is 0.
    #[track_caller]
    pub fn max_concurrent(mut self, children: usize) -> GroupBuilder {
        assert!(
            children > 0,
            "a group of which no child may run would never end; allow at least 1"
        );
        self.max_concurrent = Some(children);
        self
    }

    /// How long the children may take to clean up when the group ends before its time, because something has
    /// failed or it was cancelled. Those that have not ended then are aborted.
    ///
    /// Without a grace the group waits for them as long as it takes.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use std::future::pending;
    /// use std::time::Duration;
    ///
    /// use runtime::task::{TaskGroup, cancelled};
    ///
    /// runtime::run(async {
    ///     let briefly = TaskGroup::builder().grace(Duration::from_millis(5));
    ///     let result = briefly.run(async |group| {
    ///         let polite = group.spawn(async {
    ///             cancelled().await;
    ///             Ok("saved")
    ///         });
    ///         let stubborn = group.spawn(async {
    ///             cancelled().await;
    ///             pending::<Result<(), Infallible>>().await
    ///         });
    ///         runtime::task::yield_now().await;
    ///         group.cancel("the lights go out");
    ///         Ok((polite, stubborn))
    ///     });
    ///     let (polite, stubborn) = result.await.unwrap();
    ///     assert_eq!(polite.await.unwrap(), "saved");
    ///     assert!(stubborn.await.unwrap_err().is_cancelled());
    /// });
    /// ```
    pub fn grace(mut self, grace: Duration) -> GroupBuilder {
        self.grace = Some(grace);
        self
    }

    /// Runs the group; see [`TaskGroup::run`].
    ///
    /// # Errors
    ///
    /// As for [`TaskGroup::run`].
    ///
    /// # Panics
    ///
    /// As for [`TaskGroup::run`].
    ///
    /// # Cancel safety
    ///
    /// See [`TaskGroup`].
    pub async fn run<R, E, F>(self, body: F) -> Result<R, GroupError<E>>
    where
        E: 'static,
        F: AsyncFnOnce(TaskGroup<E>) -> Result<R, E>,
    {
        run(self, body).await
    }
}

/// Starts a child of a [`TaskGroup`] with a name, or with context variables of its own; made by
/// [`TaskGroup::build_task`].
#[must_use = "a builder does nothing until it spawns"]
pub struct ChildBuilder<'a, E> {
    group: &'a TaskGroup<E>,
    task: Builder<'a>,
}

impl<'a, E: 'static> ChildBuilder<'a, E> {
    pub(super) fn new(group: &'a TaskGroup<E>) -> ChildBuilder<'a, E> {
        ChildBuilder { group, task: Builder::new() }
    }

    /// Names the task; see [`Builder::name`].
    pub fn name(mut self, name: &'a str) -> ChildBuilder<'a, E> {
        self.task = self.task.name(name);
        self
    }

    /// Begins the task with these context variables; see [`Builder::context`].
    pub fn context(mut self, context: Context) -> ChildBuilder<'a, E> {
        self.task = self.task.context(context);
        self
    }

    /// Starts the child; see [`TaskGroup::spawn`].
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn<T, F>(self, future: F) -> JoinHandle<T>
    where
        T: 'static,
        F: Future<Output = Result<T, E>> + 'static,
    {
        self.group.spawn_with(future, self.task)
    }
}

impl<E> fmt::Debug for ChildBuilder<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildBuilder").field("task", &self.task).finish_non_exhaustive()
    }
}
