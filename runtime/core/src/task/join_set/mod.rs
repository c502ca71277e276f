//! Tasks that are joined in the order in which they end.
//!
//! Each task of a set has a key, and each key a waker of its own, which is left with the task's join and puts
//! the key on a list. So a look at the set is a look at that list, however many tasks there are, and an end
//! costs the same in a set of ten as in one of ten thousand. The wakers are kept for the tasks that have their
//! keys later.
//!
//! The waker is left when the task joins the set, not when the set first looks: else a task that has ended by
//! then would come out before or after the others by when it was spawned.

mod builder;
mod collect;
mod ready;

use std::borrow::Cow;
use std::fmt;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use slab::Slab;

use crate::handle::Handle;
use crate::task::{AbortHandle, Id, JoinError, JoinHandle, coop, spawn, spawn_blocking};

pub use self::builder::Builder;
use self::ready::Ready;

/// What a task of the set has come to.
type Outcome<T> = (JoinHandle<T>, Result<T, JoinError>);

/// A set of tasks, which are joined in the order in which they end.
///
/// All of them have outputs of the same type. Neither futures nor outputs need be `Send`. What becomes of
/// one of them is of no consequence to the others: for tasks that fail together see
/// [`TaskGroup`](crate::task::TaskGroup).
///
/// Dropping the set aborts all of its tasks: the loop drops them at its next turn, and nobody waits for that.
/// [`shutdown`](JoinSet::shutdown) does wait, [`detach_all`](JoinSet::detach_all) has them run on.
///
/// An end costs the same in a large set as in a small one: with all else that there is to a task, 850
/// instructions in a set of a thousand (2,280 with tokio's), where spawn and join alone take 360 in a task. Keys and
/// wakers are kept, so a set that is used again and again allocates nothing for them. The set is also a
/// [`Stream`](futures_core::Stream) of the outcomes, which ends whenever the set is empty.
///
/// # Examples
///
/// ```
/// use runtime::task::JoinSet;
///
/// runtime::run(async {
///     let mut set = JoinSet::new();
///     for number in 1..=3 {
///         set.spawn(async move { number * number });
///     }
///     let mut sum = 0;
///     while let Some(square) = set.join_next().await {
///         sum += square.unwrap();
///     }
///     assert_eq!(sum, 14);
/// });
/// ```
pub struct JoinSet<T> {
    tasks: Slab<JoinHandle<T>>,
    /// One for each key that has ever been in use.
    wakers: Vec<Waker>,
    ready: Arc<Ready>,
    /// Tasks that inspection counts, and has not been told of that somebody awaits them.
    untold: Vec<usize>,
}

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> JoinSet<T> {
        JoinSet {
            tasks: Slab::new(),
            wakers: Vec::new(),
            ready: Arc::default(),
            untold: Vec::new(),
        }
    }

    /// How many tasks are in the set: those that have not been joined, whether they have ended or not.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there is no task in the set.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Aborts all tasks; see [`JoinHandle::abort`]. They stay in the set until they are joined, most of them
    /// with an error that says [cancelled](JoinError::is_cancelled).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::JoinSet;
    ///
    /// runtime::run(async {
    ///     let mut set = JoinSet::new();
    ///     set.spawn(std::future::pending::<()>());
    ///     set.abort_all();
    ///     assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
    /// });
    /// ```
    pub fn abort_all(&mut self) {
        for (_, task) in &self.tasks {
            task.abort();
        }
    }

    /// Asks all tasks to end, for a reason, so that they may clean up; see [`JoinHandle::cancel`]. They stay in
    /// the set until they are joined.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{JoinSet, cancelled, yield_now};
    ///
    /// runtime::run(async {
    ///     let mut set = JoinSet::new();
    ///     set.spawn(async { format!("saved, because {}", cancelled().await) });
    ///     yield_now().await;
    ///     set.cancel_all("the lights go out");
    ///     let output = set.join_next().await.unwrap().unwrap();
    ///     assert_eq!(output, "saved, because the lights go out");
    /// });
    /// ```
    pub fn cancel_all(&mut self, reason: impl Into<Cow<'static, str>>) {
        let reason = reason.into();
        for (_, task) in &self.tasks {
            task.cancel(reason.clone());
        }
    }

    /// Empties the set without aborting its tasks, which run on by themselves.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{JoinSet, yield_now};
    ///
    /// runtime::run(async {
    ///     let mut set = JoinSet::new();
    ///     let task = set.spawn(yield_now());
    ///     set.detach_all();
    ///     assert!(set.is_empty());
    ///     yield_now().await;
    ///     yield_now().await;
    ///     assert!(task.is_finished());
    /// });
    /// ```
    pub fn detach_all(&mut self) {
        // A drop may run code of the user's; nothing of the set is borrowed then.
        drop(std::mem::take(&mut self.tasks));
    }

    fn insert(&mut self, task: JoinHandle<T>) -> AbortHandle {
        let abort = task.abort_handle();
        let key = self.tasks.insert(task);
        if key == self.wakers.len() {
            self.wakers.push(ready::member(key, &self.ready));
        }
        if self.tasks[key].is_noted() {
            self.keep_untold(key);
        }
        if !self.tasks[key].wake_at_end(&self.wakers[key]) {
            self.ready.push(key);
        }
        abort
    }

    #[cold]
    fn keep_untold(&mut self, key: usize) {
        if self.untold.len() >= 2 * self.tasks.len() {
            // Nobody ever waits.
            self.untold.clear();
            self.untold.extend(self.tasks.iter().map(|(key, _)| key));
        } else {
            self.untold.push(key);
        }
    }

    #[cold]
    fn tell_who_waits(&mut self) {
        for key in self.untold.drain(..) {
            if let Some(task) = self.tasks.get(key) {
                task.note_waiter();
            }
        }
    }
}

impl<T: 'static> JoinSet<T> {
    /// Starts a task on the current loop; see [`spawn`](spawn()).
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(spawn(future))
    }

    /// Starts a task on the loop of `handle`, which may be that of another thread; see [`Handle::spawn`].
    ///
    /// On a closed loop the future is dropped at once, and the join says cancelled.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, future: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(future))
    }

    /// Runs a blocking function on the blocking pool of the current loop; see [`spawn_blocking`].
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(spawn_blocking(f))
    }

    /// Runs a blocking function on the blocking pool of the loop of `handle`; see
    /// [`Handle::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(f))
    }

    /// Spawns a task of which more is said: a name, context variables of its own, how urgent it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::JoinSet;
    ///
    /// runtime::run(async {
    ///     let mut set = JoinSet::new();
    ///     let task = set.build_task().name("greeter").spawn(async { "hello" });
    ///     assert_eq!(task.name(), Some("greeter"));
    ///     assert_eq!(set.join_next().await.unwrap().unwrap(), "hello");
    /// });
    /// ```
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder::new(self)
    }

    /// Waits until one of the tasks ends, and takes it out of the set; `None` if there is none.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a task leaves the set only when its outcome is returned.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|context| self.poll_join_next(context)).await
    }

    /// The same, and says which task it was; errors have [their id](JoinError::id).
    ///
    /// # Cancel safety
    ///
    /// As for [`join_next`](JoinSet::join_next).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::JoinSet;
    ///
    /// runtime::run(async {
    ///     let mut set = JoinSet::new();
    ///     let task = set.spawn(async { "output" });
    ///     let (id, output) = set.join_next_with_id().await.unwrap().unwrap();
    ///     assert_eq!((id, output), (task.id(), "output"));
    /// });
    /// ```
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|context| self.poll_join_next_with_id(context)).await
    }

    /// Takes a task that has ended out of the set, without waiting for one.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{JoinSet, yield_now};
    ///
    /// runtime::run(async {
    ///     let mut set = JoinSet::new();
    ///     set.spawn(async { "output" });
    ///     assert!(set.try_join_next().is_none());
    ///     yield_now().await;
    ///     assert_eq!(set.try_join_next().unwrap().unwrap(), "output");
    /// });
    /// ```
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.try_next().map(|(_, result)| result)
    }

    /// The same, and says which task it was.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.try_next().map(with_id)
    }

    /// Polls for the end of a task, and takes it out of the set; see [`join_next`](JoinSet::join_next).
    ///
    /// `Ready(None)` says that the set is empty: there is something to wait for again after the next spawn.
    /// One waker is kept, that of the last poll.
    pub fn poll_join_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_next_outcome(context).map(|next| next.map(|(_, result)| result))
    }

    /// The same, and says which task it was.
    pub fn poll_join_next_with_id(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        self.poll_next_outcome(context).map(|next| next.map(with_id))
    }

    /// Aborts all tasks and waits until they have ended.
    ///
    /// What they come to is dropped, panics of their destructors included. A blocking job that has begun is
    /// not waited for.
    ///
    /// # Cancel safety
    ///
    /// The tasks are aborted by the first poll; those that nobody has waited for stay in the set.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::JoinSet;
    ///
    /// runtime::run(async {
    ///     let mut set = JoinSet::new();
    ///     let task = set.spawn(std::future::pending::<()>());
    ///     set.shutdown().await;
    ///     assert!(task.is_finished());
    /// });
    /// ```
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Waits for all tasks, and returns their outputs in the order in which they came.
    ///
    /// # Panics
    ///
    /// With the panic of the first task that panics; and if a task was cancelled. Either way the others are
    /// aborted. [`join_next`](JoinSet::join_next) does not panic.
    ///
    /// # Cancel safety
    ///
    /// None: the tasks are aborted and the outputs that came lost when the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::JoinSet;
    ///
    /// runtime::run(async {
    ///     let set: JoinSet<usize> = (0..3).map(|number| async move { number }).collect();
    ///     let mut outputs = set.join_all().await;
    ///     outputs.sort();
    ///     assert_eq!(outputs, [0, 1, 2]);
    /// });
    /// ```
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(result) = self.join_next().await {
            match result.map_err(JoinError::try_into_panic) {
                Ok(output) => outputs.push(output),
                Err(Ok(payload)) => resume_unwind(payload),
                Err(Err(error)) => panic!("`JoinSet::join_all` got no output: {error}"),
            }
        }
        outputs
    }

    fn poll_next_outcome(&mut self, context: &mut Context<'_>) -> Poll<Option<Outcome<T>>> {
        if self.tasks.is_empty() {
            return Poll::Ready(None);
        }
        loop {
            // Without a budget no join says ready: each would be put on the list again, for ever.
            if !coop::has_budget_remaining() {
                return coop::out_of_budget(context);
            }
            let Some(key) = self.ready.pop_or_wait(context.waker()) else {
                if !self.untold.is_empty() {
                    self.tell_who_waits();
                }
                return Poll::Pending;
            };
            if let Some(outcome) = self.look(key) {
                return Poll::Ready(Some(outcome));
            }
        }
    }

    fn try_next(&mut self) -> Option<Outcome<T>> {
        if coop::has_budget_remaining() {
            return self.try_next_now();
        }
        // One who does not wait does not give way either.
        let unlimited = pin!(coop::unconstrained(poll_fn(|_| Poll::Ready(self.try_next_now()))));
        match unlimited.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => None,
        }
    }

    fn try_next_now(&mut self) -> Option<Outcome<T>> {
        while let Some(key) = self.ready.pop() {
            if let Some(outcome) = self.look(key) {
                return Some(outcome);
            }
        }
        None
    }

    /// Takes a task out of the set if it has ended. Else its waker is with it, or left there once more: whoever
    /// had the key before may have been late to call.
    fn look(&mut self, key: usize) -> Option<Outcome<T>> {
        let task = self.tasks.get_mut(key)?;
        let mut context = Context::from_waker(&self.wakers[key]);
        match Pin::new(task).poll(&mut context) {
            Poll::Ready(result) => Some((self.tasks.remove(key), result)),
            Poll::Pending => None,
        }
    }
}

fn with_id<T>((task, result): Outcome<T>) -> Result<(Id, T), JoinError> {
    result.map(|output| (task.id(), output))
}

/// What drops the set wants its tasks no more.
impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.abort_all();
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> JoinSet<T> {
        JoinSet::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish_non_exhaustive()
    }
}
