//! The handle through which a task's output is awaited.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::executor::{Failure, JoinCell};
use crate::task::{AbortHandle, Id, JoinError};

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

    /// Asks the loop to drop the task's future at its next turn, on its own thread.
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
            Poll::Ready(Err(failure)) => Poll::Ready(Err(join_error(handle.id(), failure))),
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
fn join_error(id: Id, failure: Failure) -> JoinError {
    match failure {
        Failure::Cancelled => JoinError::cancelled(id),
        Failure::Panicked(payload) => JoinError::panicked(id, payload),
    }
}
