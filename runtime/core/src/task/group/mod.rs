//! Tasks that belong together.
//!
//! A group is run by a future, [`TaskGroup::run`], that is as good as a function: when it returns, all that
//! was started in it has ended. Its parts:
//!
//! | file | idea |
//! |---|---|
//! | `run.rs` | the life of a group: body, children, result |
//! | `shared.rs` | what body, children and handles share |
//! | `child.rs` | the future of a child: where failures are caught, and ends are noticed |
//! | `limit.rs` | how many children run at once, and who is next |
//! | `outer.rs` | groups that are dropped inside of groups |
//! | `error.rs` | what went wrong, all of it |
//!
//! A child tells of its end by a guard in its future, whatever ends it: nobody waits for its join, which is
//! the caller's to have. A group of any size therefore costs its owner nothing until the last child is gone
//! or one has failed.

mod builder;
mod child;
mod error;
mod limit;
mod outer;
mod run;
mod shared;

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::rc::Rc;

use crate::task::{self, JoinHandle};

pub use self::builder::{ChildBuilder, GroupBuilder};
pub use self::error::{ChildError, GroupError};

use self::child::{Child, Place};
use self::shared::Shared;

/// A group of tasks that fail together, and of which none outlives the group.
///
/// [`run`](TaskGroup::run) runs a function, the *body*, which is given the group and spawns children in it.
/// It returns when the body and all children have ended, those included that children have spawned. Neither
/// need be `Send`.
///
/// - A child, or the body, that returns an `Err` or panics ends the group: body and siblings are cancelled,
///   and when all have ended the errors come back as one [`GroupError`]. A panic of the body goes on, after
///   that, as it would without the group.
/// - [`cancel`](TaskGroup::cancel) ends the group without an error of its own.
/// - A child that is cancelled by its own [`JoinHandle`] is gone, and nobody else is concerned.
/// - When the task that runs the group is itself asked to end, by [`JoinHandle::cancel`], the body comes
///   first: it may listen, by [`cancelled`](task::cancelled), and take the request. If it does not, the group
///   takes it, and is cancelled for the same reason: it returns an error that says so, even if the body had
///   ended well, or something had failed before. It takes one; the next drops the task. So when a group ends
///   whose children run groups, these end in order, each inner group before the outer one, and a child that
///   passes such an error on with `?` adds it to those of the outer group; [`GroupError::is_cancelled`] tells
///   it from others.
/// - A request that was taken before the group began does not concern it: a task that cleans up may run a
///   group. A loop that runs groups has to heed their errors, or ask [`is_cancelling`](task::is_cancelling);
///   who passes over the error of a group that was cancelled has passed over the request.
///
/// To cancel the body is to drop it where it waits. Children are asked, as by [`JoinHandle::cancel`]: those
/// that listen may clean up, and are waited for, as long as it takes or up to the
/// [grace](GroupBuilder::grace); what they fail with then is added to the errors. What has not begun when the
/// group ends, or is spawned later, is dropped without having been polled, and its join says cancelled. A
/// [time limit](GroupBuilder::timeout) of the group's own ends it in this way, too.
///
/// The handle is a reference, and cheap to clone: children that spawn take one along.
///
/// # Cost
///
/// A child takes 580 instructions from spawn to end, where spawn and join of a plain task take 360 in a task, and
/// the group itself 1,900. The task that runs the group is not woken until the last child has ended, or one has
/// failed.
///
/// # Cancel safety
///
/// A future of [`run`](TaskGroup::run) that is dropped half-way, as by a [`timeout`](crate::time::timeout) around
/// it, aborts the children: the loop drops them at its next turn, without asking, and nobody waits for that. The body's result and the errors that came
/// until then are lost. A group that is dropped because it is inside of a child, or the body, of another
/// group does not get away like that: the outer group returns when the inner one's children are gone, too.
///
/// # Examples
///
/// ```
/// use std::io;
///
/// use runtime::task::TaskGroup;
///
/// async fn fetch(name: &str) -> io::Result<String> {
///     if name.is_empty() {
///         return Err(io::Error::other("a page must have a name"));
///     }
///     Ok(format!("<{name}>"))
/// }
///
/// runtime::run(async {
///     // Children are joined like any other tasks, or left to the group.
///     let pages = TaskGroup::run(async |group| {
///         let first = group.spawn(fetch("first"));
///         let second = group.spawn(fetch("second"));
///         group.spawn(fetch("nobody asks"));
///         Ok(format!("{} {}", first.await?, second.await?))
///     });
///     assert_eq!(pages.await.unwrap(), "<first> <second>");
///
///     // The first failure cancels the others.
///     let result = TaskGroup::run(async |group| {
///         group.spawn(fetch(""));
///         group.spawn(std::future::pending::<io::Result<()>>());
///         Ok(())
///     });
///     let error = result.await.unwrap_err();
///     assert_eq!(error.to_string(), "the task group failed: a page must have a name");
/// });
/// ```
pub struct TaskGroup<E> {
    shared: Rc<Shared<E>>,
}

/// The type of the errors does not matter here; it is that of the group which is run.
impl TaskGroup<Infallible> {
    /// Says more of a group before it is run.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use runtime::task::TaskGroup;
    ///
    /// runtime::run(async {
    ///     let gently = TaskGroup::builder().max_concurrent(8);
    ///     let result = gently.run(async |group| {
    ///         for _ in 0..1000 {
    ///             group.spawn(async { Ok(()) });
    ///         }
    ///         Ok::<(), Infallible>(())
    ///     });
    ///     result.await.unwrap();
    /// });
    /// ```
    pub fn builder() -> GroupBuilder {
        GroupBuilder::default()
    }
}

impl<E: 'static> TaskGroup<E> {
    /// Runs a group: calls the body with it, and waits until the body and all children have ended.
    ///
    /// The body runs in the task that awaits this, and may borrow from it; children are tasks of their own.
    ///
    /// # Errors
    ///
    /// All errors of the body and the children, in the order in which they came. None, if the group was merely
    /// cancelled: before the body had ended; or later, by a request to the task or a
    /// [time limit](GroupBuilder::timeout).
    ///
    /// # Panics
    ///
    /// When the body does, after the children have been asked to end, and have; their errors are lost then.
    ///
    /// # Cancel safety
    ///
    /// See [`TaskGroup`].
    pub async fn run<R, F>(body: F) -> Result<R, GroupError<E>>
    where
        F: AsyncFnOnce(TaskGroup<E>) -> Result<R, E>,
    {
        run::run(GroupBuilder::default(), body).await
    }

    /// Starts a child, which is a task of the current loop; see [`spawn`](crate::task::spawn).
    ///
    /// The handle yields what is in the child's `Ok`, and may be dropped. If the child fails, its error goes
    /// to the group and the join says cancelled.
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn<T, F>(&self, future: F) -> JoinHandle<T>
    where
        T: 'static,
        F: Future<Output = Result<T, E>> + 'static,
    {
        self.spawn_with(future, task::Builder::new())
    }

    /// Runs a blocking function as a child, on the blocking pool of the current loop; see
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// A thread cannot be dropped. When the group ends, a job that has not begun never does, and one that has
    /// finds its [`CancellationToken`](crate::blocking::CancellationToken) set, and is waited for like any other
    /// child: up to the [grace](GroupBuilder::grace), or as long as it takes. One that is left behind then, or
    /// by a group that is dropped, runs on for nobody. Also so if the child is cancelled by its handle; a second
    /// request leaves the job behind.
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io;
    ///
    /// use runtime::task::TaskGroup;
    ///
    /// runtime::run(async {
    ///     let result = TaskGroup::<io::Error>::run(async |group| {
    ///         let manifest = group.spawn_blocking(|| std::fs::read_to_string("Cargo.toml"));
    ///         group.spawn_blocking(|| std::fs::metadata("not there"));
    ///         Ok(manifest.await?.len())
    ///     });
    ///     let error = result.await.unwrap_err();
    ///     assert_eq!(error.errors().len(), 1);
    /// });
    /// ```
    #[track_caller]
    pub fn spawn_blocking<T, F>(&self, f: F) -> JoinHandle<T>
    where
        T: Send + 'static,
        E: Send,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        self.build_task().spawn_blocking(f)
    }

    /// Starts a child of which more is said: a name, context variables of its own, how urgent it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use runtime::task::TaskGroup;
    ///
    /// runtime::run(async {
    ///     let result = TaskGroup::<Infallible>::run(async |group| {
    ///         let child = group.build_task().name("greeter").spawn(async { Ok("hello") });
    ///         assert_eq!(child.name(), Some("greeter"));
    ///         Ok(())
    ///     });
    ///     result.await.unwrap();
    /// });
    /// ```
    pub fn build_task(&self) -> ChildBuilder<'_, E> {
        ChildBuilder::new(self)
    }

    /// Ends the group: the body, if it has not ended, is dropped, and all children are asked to end.
    ///
    /// Called once the body has ended, that is no error: [`run`](TaskGroup::run) returns what the body has
    /// returned. Before that it returns a [`GroupError`] which says [why](GroupError::cancel_reason). The
    /// body may call it, too: what it does up to its next wait is still done.
    ///
    /// Does nothing to a group that is about to end, or has ended.
    ///
    /// # Examples
    ///
    /// Background work that ends with what it is there for:
    ///
    /// ```
    /// use std::convert::Infallible;
    ///
    /// use runtime::task::TaskGroup;
    ///
    /// runtime::run(async {
    ///     let result = TaskGroup::<Infallible>::run(async |group| {
    ///         group.spawn(std::future::pending::<Result<(), _>>());
    ///         group.cancel("the work is done");
    ///         Ok("the work")
    ///     });
    ///     assert_eq!(result.await.unwrap(), "the work");
    /// });
    /// ```
    pub fn cancel(&self, reason: impl Into<Cow<'static, str>>) {
        self.shared.cancel(reason.into());
    }

    /// Whether the group takes no more children: it has been cancelled, something has failed, or it has ended.
    pub fn is_ending(&self) -> bool {
        !self.shared.is_open()
    }

    /// How many children have not ended.
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether all children have ended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[track_caller]
    fn spawn_with<T, F>(&self, future: F, particulars: task::Builder<'_>) -> JoinHandle<T>
    where
        T: 'static,
        F: Future<Output = Result<T, E>> + 'static,
    {
        if !self.shared.is_open() {
            let refused = particulars.spawn(pending());
            refused.abort();
            return refused;
        }
        let place = Place::new(self.shared.clone());
        let key = place.key();
        let child = particulars.spawn(Child::new(future, place));
        self.shared.started(key, child.abort_handle());
        child
    }
}

impl<E> Clone for TaskGroup<E> {
    fn clone(&self) -> TaskGroup<E> {
        TaskGroup { shared: self.shared.clone() }
    }
}

impl<E> fmt::Debug for TaskGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("len", &self.shared.len())
            .field("ending", &!self.shared.is_open())
            .finish_non_exhaustive()
    }
}
