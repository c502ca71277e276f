//! A loop as other threads see it.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::current::{LoopId, NO_LOOP, with_current};
use crate::executor::Core;
use crate::outside;
use crate::task::{JoinHandle, expect_current};

/// A reference to a loop that works from any thread.
///
/// Handles are cheap to clone. They do not keep the loop open: once it is closed, what is spawned is cancelled at once. (The
/// descriptors through which a sleeping loop is woken stay open until the last handle of any kind is gone.) A loop that is open but
/// not running takes in what is spawned, and polls it when it runs.
///
/// # Examples
///
/// ```
/// let rt = runtime::Runtime::new().unwrap();
/// let handle = rt.handle().clone();
/// let other = std::thread::spawn(move || handle.spawn(async { 6 * 7 }));
/// let answer = rt.block_on(other.join().unwrap());
/// assert_eq!(answer.unwrap(), 42);
/// ```
#[derive(Clone)]
pub struct Handle {
    core: Arc<Core>,
}

impl Handle {
    pub(crate) fn new(core: Arc<Core>) -> Handle {
        Handle { core }
    }

    /// The loop that runs, or was entered, on this thread.
    ///
    /// # Panics
    ///
    /// Outside of a loop; see [`Handle::try_current`].
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = runtime::run(async { runtime::Handle::current() });
    /// assert!(handle.is_closed());
    /// ```
    #[track_caller]
    pub fn current() -> Handle {
        match Handle::try_current() {
            Ok(handle) => handle,
            Err(_) => panic!("{}", outside::no_loop()),
        }
    }

    /// The loop that runs, or was entered, on this thread, if there is one. Never makes one.
    ///
    /// # Errors
    ///
    /// Outside of a loop.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(runtime::Handle::try_current().is_err());
    /// ```
    pub fn try_current() -> Result<Handle, TryCurrentError> {
        with_current(|local| Handle::new(local.core.clone()))
            .ok_or(TryCurrentError { _private: () })
    }

    /// Starts a task on the loop, from any thread. It is polled, and dropped, on the loop's own thread.
    ///
    /// On a closed loop the future is dropped at once, and the join says cancelled.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_named(future, None, Location::caller())
    }

    pub(crate) fn spawn_named<F>(
        &self,
        future: F,
        name: Option<&str>,
        location: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let here = with_current(|local| Arc::ptr_eq(&local.core, &self.core)).unwrap_or(false);
        if !here {
            return JoinHandle::new(self.core.spawn(future, name, location));
        }
        let cell = expect_current(|local| local.spawn(future, location));
        if let Some(name) = name {
            cell.set_name(name);
        }
        JoinHandle::new(cell)
    }

    /// Whether the loop is closed.
    pub fn is_closed(&self) -> bool {
        self.core.is_closed()
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(crate) fn id(&self) -> LoopId {
        self.core.id
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("id", &self.id()).field("closed", &self.is_closed()).finish()
    }
}

/// There is no loop on this thread; see [`Handle::try_current`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TryCurrentError {
    _private: (),
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NO_LOOP)
    }
}

impl std::error::Error for TryCurrentError {}
