//! The task that is being polled.

use std::fmt;
use std::panic::Location;

use crate::current::with_current;
use crate::executor::TaskRef;
use crate::task::{AbortHandle, Id};

/// The task that is being polled, if there is one; the future given to `block_on` is not one.
///
/// # Examples
///
/// A log line that says where it comes from:
///
/// ```
/// use runtime::task;
///
/// fn log(message: &str) -> String {
///     match task::current() {
///         Some(task) => format!("[{}] {message}", task.name().unwrap_or("a task")),
///         None => message.to_owned(),
///     }
/// }
///
/// runtime::run(async {
///     assert_eq!(log("hello"), "hello");
///     let greeter = task::Builder::new().name("greeter").spawn(async { log("hello") });
///     assert_eq!(greeter.await.unwrap(), "[greeter] hello");
/// });
/// ```
#[doc(alias = "current_task")]
pub fn current() -> Option<CurrentTask> {
    let task = with_current(|local| local.executor.current()).flatten()?;
    Some(CurrentTask { task })
}

/// The task that was being polled when [`current`] was called. It may be kept, and sent to other threads.
pub struct CurrentTask {
    task: TaskRef,
}

impl CurrentTask {
    /// Its id.
    pub fn id(&self) -> Id {
        self.task.cold().id
    }

    /// The name it was given by [`Builder::name`](crate::task::Builder::name), if any.
    pub fn name(&self) -> Option<&str> {
        self.task.cold().name.as_deref()
    }

    /// Where it was spawned.
    pub fn location(&self) -> &'static Location<'static> {
        self.task.location()
    }

    /// A handle that can abort and cancel it.
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle::new(self.task.clone())
    }
}

impl fmt::Debug for CurrentTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentTask").field("id", &self.id()).field("name", &self.name()).finish()
    }
}
