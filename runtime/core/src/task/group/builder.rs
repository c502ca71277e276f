//! Saying more of a group, and of its children.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::blocking::run_attentively;
use crate::context::Context;
use crate::task::group::run::run;
use crate::task::{Builder, GroupError, JoinHandle, Priority, TaskGroup};
use crate::time::Instant;

/// What is to be known of a group before it is run; made by [`TaskGroup::builder`].
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until it runs the group"]
pub struct GroupBuilder {
    pub(super) max_concurrent: Option<usize>,
    pub(super) grace: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    pub(super) deadline: Option<Instant>,
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
    /// Without a grace the group waits for them as long as it takes. With a grace of zero each is still polled
    /// once with the request.
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

    /// How long the group may take, from when it is run. Then it is [cancelled](TaskGroup::cancel), and comes to
    /// its end as any group that is: the children may clean up, for as long as the [grace](GroupBuilder::grace).
    ///
    /// The error says so by [`GroupError::is_elapsed`]. The body is polled first: if it fails in the very poll in
    /// which the time is up, that is the error. The limit does not end with the body; children that outlast it
    /// make an error of a body that has ended well. With a duration of zero the body gets as far as its first
    /// suspension, and the children do not begin; one of [`Duration::MAX`] never ends. Nothing can move the limit.
    ///
    /// A [`timeout`](crate::time::timeout) around the group, on the other hand, drops it: the children are
    /// aborted without being asked.
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
    ///     let limited = TaskGroup::builder()
    ///         .timeout(Duration::from_millis(5))
    ///         .grace(Duration::from_secs(1));
    ///     let result = limited.run(async |group| {
    ///         let child = group.spawn(async {
    ///             cancelled().await;
    ///             println!("saved");
    ///             Ok(())
    ///         });
    ///         pending::<Result<(), Infallible>>().await
    ///     });
    ///     let error = result.await.unwrap_err();
    ///     assert!(error.is_elapsed());
    ///     assert_eq!(error.to_string(), "the task group was cancelled: its time limit has passed");
    /// });
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> GroupBuilder {
        self.timeout = Some(timeout);
        self
    }

    /// The moment until which the group may take; see [`timeout`](GroupBuilder::timeout). Of the two the earlier
    /// counts.
    pub fn deadline(mut self, deadline: Instant) -> GroupBuilder {
        self.deadline = Some(deadline);
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

/// Starts a child of a [`TaskGroup`] of which more is said: a name, context variables of its own, how urgent it
/// is; made by [`TaskGroup::build_task`].
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

    /// Says where the task comes from; see [`Builder::location`].
    pub fn location(mut self, location: &'static Location<'static>) -> ChildBuilder<'a, E> {
        self.task = self.task.location(location);
        self
    }

    /// Says how urgent the task is; see [`Builder::priority`].
    pub fn priority(mut self, priority: Priority) -> ChildBuilder<'a, E> {
        self.task = self.task.priority(priority);
        self
    }

    /// Says whether the task is polled for the first time at once; see [`Builder::eager`]. One that has to wait
    /// for its turn, because [so many](GroupBuilder::max_concurrent) run already, does so all the same.
    pub fn eager(mut self, eager: bool) -> ChildBuilder<'a, E> {
        self.task = self.task.eager(eager);
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

    /// Runs a blocking function as a child; see [`TaskGroup::spawn_blocking`].
    ///
    /// The job has the name of the task.
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn_blocking<T, F>(self, f: F) -> JoinHandle<T>
    where
        T: Send + 'static,
        E: Send,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        let origin = self.task.origin(Location::caller());
        self.group.spawn_with(run_attentively(origin, f), self.task.job())
    }
}

impl<E> fmt::Debug for ChildBuilder<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildBuilder").field("task", &self.task).finish_non_exhaustive()
    }
}
