//! Ending tasks from outside.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::executor::{Reason, TaskRef};
use crate::task::{Id, JoinError, JoinHandle};

/// Aborts or cancels a task without being able to await it. Works from any thread.
///
/// Dropping it does nothing to the task.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let task = runtime::spawn(std::future::pending::<()>());
///     let abort = task.abort_handle();
///     std::thread::spawn(move || abort.abort()).join().unwrap();
///     assert!(task.await.unwrap_err().is_cancelled());
/// });
/// ```
#[derive(Clone)]
pub struct AbortHandle {
    task: TaskRef,
}

impl AbortHandle {
    pub(crate) fn new(task: TaskRef) -> AbortHandle {
        AbortHandle { task }
    }

    /// Asks the loop to drop the task's future at its next turn; see [`JoinHandle::abort`].
    pub fn abort(&self) {
        self.task.abort();
    }

    /// Asks the task to end, for a reason; `false`, and nothing happens, if it has ended. See
    /// [`JoinHandle::cancel`].
    pub fn cancel(&self, reason: impl Into<Cow<'static, str>>) -> bool {
        self.task.cancel(|| reason.into(), false)
    }

    /// Asks the task to end unless it has been asked before.
    pub(super) fn cancel_first(&self, reason: impl FnOnce() -> Reason) {
        self.task.cancel(reason, true);
    }

    /// Asks the loop to drop the task's future as soon as it has been polled for what it is asked.
    pub(super) fn abort_when_asked(&self) {
        self.task.abort_when_asked();
    }

    /// Whether the task's outcome is settled.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// The task's id.
    pub fn id(&self) -> Id {
        self.task.cold().id
    }

    /// The task's name, if it was given one.
    pub fn name(&self) -> Option<&str> {
        self.task.cold().name.as_deref()
    }

    /// Where the task was spawned.
    pub fn location(&self) -> &'static std::panic::Location<'static> {
        self.task.location()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle")
            .field("id", &self.id())
            .field("finished", &self.is_finished())
            .finish()
    }
}

/// A [`JoinHandle`] that aborts its task when it is dropped.
///
/// # Cancel safety
///
/// As for [`JoinHandle`], as long as the handle itself is kept.
///
/// # Examples
///
/// ```
/// use runtime::task::AbortOnDropHandle;
///
/// runtime::run(async {
///     let task = runtime::spawn(std::future::pending::<()>());
///     let abort = task.abort_handle();
///     drop(AbortOnDropHandle::new(task));
///     runtime::task::yield_now().await;
///     assert!(abort.is_finished());
/// });
/// ```
#[must_use = "dropping the handle aborts the task at once"]
pub struct AbortOnDropHandle<T> {
    handle: Option<JoinHandle<T>>,
}

/// The handle is only absent while it is being detached.
const PRESENT: &str = "the handle is there until it is detached";

impl<T> AbortOnDropHandle<T> {
    /// Ties a task to the new handle.
    pub fn new(handle: JoinHandle<T>) -> AbortOnDropHandle<T> {
        AbortOnDropHandle { handle: Some(handle) }
    }

    /// Lets go of the task without aborting it.
    pub fn detach(mut self) -> JoinHandle<T> {
        self.handle.take().expect(PRESENT)
    }
}

impl<T> Deref for AbortOnDropHandle<T> {
    type Target = JoinHandle<T>;

    fn deref(&self) -> &JoinHandle<T> {
        self.handle.as_ref().expect(PRESENT)
    }
}

impl<T> DerefMut for AbortOnDropHandle<T> {
    fn deref_mut(&mut self) -> &mut JoinHandle<T> {
        self.handle.as_mut().expect(PRESENT)
    }
}

impl<T> AsRef<JoinHandle<T>> for AbortOnDropHandle<T> {
    fn as_ref(&self) -> &JoinHandle<T> {
        self
    }
}

impl<T> From<JoinHandle<T>> for AbortOnDropHandle<T> {
    fn from(handle: JoinHandle<T>) -> AbortOnDropHandle<T> {
        AbortOnDropHandle::new(handle)
    }
}

impl<T> Future for AbortOnDropHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut **self).poll(context)
    }
}

impl<T> Drop for AbortOnDropHandle<T> {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            handle.abort();
        }
    }
}

impl<T> fmt::Debug for AbortOnDropHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AbortOnDropHandle").field(&**self).finish()
    }
}
