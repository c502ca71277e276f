//! The handle through which a task's output is awaited.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::current::LoopId;
use crate::executor::{Failure, JoinCell, Reason};
use crate::task::{AbortHandle, Id, JoinError, Priority};

/// Awaits a task's output.
///
/// Dropping the handle detaches the task: it runs on, and its output is dropped on the loop's thread. To tie
/// the task to the handle instead, use [`AbortOnDropHandle`](crate::task::AbortOnDropHandle).
///
/// The handle of a task whose output is `Send` may be awaited on any thread and by any executor.
///
/// # Cancel safety
///
/// Awaiting `&mut handle` is cancel safe: the output stays with the task until a poll returns it.
///
/// # Panics
///
/// When polled again after it has returned the output.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let task = runtime::spawn(async { 6 * 7 });
///     assert_eq!(task.await.unwrap(), 42);
/// });
/// ```
pub struct JoinHandle<T> {
    cell: JoinCell<T>,
}

impl<T> JoinHandle<T> {
    #[inline(always)]
    pub(crate) fn new(cell: JoinCell<T>) -> JoinHandle<T> {
        JoinHandle { cell }
    }

    /// Asks the loop to drop the task's future at its next turn, on its own thread, without asking the task.
    ///
    /// The join then yields a [`JoinError`] that [is cancelled](JoinError::is_cancelled), unless the task has
    /// completed already, which it may do before the request arrives. A job of
    /// [`spawn_blocking`](crate::task::spawn_blocking) that has begun runs on, with its
    /// [`CancellationToken`](crate::blocking::CancellationToken) set.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::run(async {
    ///     let task = runtime::spawn(std::future::pending::<()>());
    ///     task.abort();
    ///     assert!(task.await.unwrap_err().is_cancelled());
    /// });
    /// ```
    pub fn abort(&self) {
        self.cell.abort();
    }

    /// Asks the task to end, for a reason; `false`, and nothing happens, if it has ended.
    ///
    /// The task is polled once. If it waits for [`cancelled`](crate::task::cancelled), or asks
    /// [`is_cancelling`](crate::task::is_cancelling), it hears of it and does as it likes: it may clean up, await what
    /// it needs, return what it has, or go on. If nobody in it listens, and it is not done by then, its future
    /// is dropped as by [`abort`](JoinHandle::abort), and the [`JoinError`] knows the
    /// [reason](JoinError::cancel_reason). A task that has never been polled gets this one poll as well.
    ///
    /// Each further call is a further request, which is treated likewise: it drops a task that has stopped to
    /// listen, be it that it cleans up. The reason is that of the latest. A task that asks itself hears of it
    /// in its next poll. May be called on any thread; on another one than the loop's, `true` means that the
    /// request was sent.
    ///
    /// A task that is ended so costs some 410 instructions more than one that is [aborted](JoinHandle::abort); see
    /// [`cancel_safety`](crate::task::cancel_safety).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::yield_now;
    ///
    /// # runtime::run(async {
    /// let task = runtime::spawn(std::future::pending::<()>());
    /// assert!(task.cancel("nobody waits for it any more"));
    /// let error = task.await.unwrap_err();
    /// assert!(error.is_cancelled());
    /// assert_eq!(error.cancel_reason(), Some("nobody waits for it any more"));
    /// # })
    /// ```
    pub fn cancel(&self, reason: impl Into<Cow<'static, str>>) -> bool {
        self.cell.cancel(|| reason.into(), false)
    }

    /// Asks the task to end unless it has been asked before.
    pub(super) fn cancel_first(&self, reason: impl FnOnce() -> Reason) {
        self.cell.cancel(reason, true);
    }

    /// Has a waker that is not of this loop woken at the end of the task; `false` if it has ended.
    pub(super) fn wake_at_end(&self, waker: &Waker) -> bool {
        self.cell.wake_at_end(waker)
    }

    /// Whether inspection counts the task.
    pub(super) fn is_noted(&self) -> bool {
        self.cell.is_noted()
    }

    /// Notes, for inspection, that whatever is being polled awaits the task.
    pub(super) fn note_waiter(&self) {
        self.cell.note_waiter();
    }

    pub(super) fn home(&self) -> LoopId {
        self.cell.home()
    }

    /// Whether the outcome is settled, so that awaiting would not wait.
    pub fn is_finished(&self) -> bool {
        self.cell.is_finished()
    }

    /// The task's id.
    pub fn id(&self) -> Id {
        self.cell.cold().id
    }

    /// The task's name, if it was given one by [`Builder::name`](crate::task::Builder::name).
    pub fn name(&self) -> Option<&str> {
        self.cell.cold().name.as_deref()
    }

    /// How urgent the task is.
    pub fn priority(&self) -> Priority {
        self.cell.priority()
    }

    /// Changes how urgent the task is; see [`Builder::priority`](crate::task::Builder::priority).
    ///
    /// A task that waits in the queue may keep its place there, until the next time. From another thread the
    /// change takes effect at the loop's next turn.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{Priority, yield_now};
    ///
    /// runtime::run(async {
    ///     let preview = runtime::spawn(async {
    ///         // Computes, a piece at a time.
    ///         yield_now().await;
    ///     });
    ///     // Nobody looks at it any more.
    ///     preview.set_priority(Priority::Low);
    ///     assert_eq!(preview.priority(), Priority::Low);
    /// });
    /// ```
    pub fn set_priority(&self, priority: Priority) {
        self.cell.task_ref().set_priority(priority);
    }

    /// Where the task was spawned.
    pub fn location(&self) -> &'static std::panic::Location<'static> {
        self.cell.location()
    }

    /// A handle that can abort the task, and outlive this one.
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle::new(self.cell.task_ref())
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let handle = self.get_mut();
        match handle.cell.poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(output)) => Poll::Ready(Ok(output)),
            Poll::Ready(Err(failure)) => Poll::Ready(Err(join_error(&handle.cell, failure))),
        }
    }
}

// The output is moved out of the task, never pinned in the handle.
impl<T> Unpin for JoinHandle<T> {}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .field("finished", &self.is_finished())
            .finish()
    }
}

#[cold]
#[inline(never)]
fn join_error<T>(cell: &JoinCell<T>, failure: Failure) -> JoinError {
    let id = cell.cold().id;
    match failure {
        Failure::Cancelled => JoinError::cancelled(id, cell.cancel_reason()),
        Failure::Panicked(payload) => JoinError::panicked(id, payload, || cell.cancel_reason()),
    }
}
