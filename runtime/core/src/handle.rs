//! A loop as other threads see it.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::callback::CallbackHandle;
use crate::current::{LoopId, NO_LOOP, with_current};
use crate::errors::Closed;
use crate::executor::panics::contain_quietly;
use crate::executor::{Core, Particulars};
use crate::local::Local;
use crate::outside;
use crate::task::{JoinHandle, expect_current, factory};

/// A reference to a loop that works from any thread.
///
/// Handles are cheap to clone. They do not keep the loop open: once it is closed, what is spawned is
/// cancelled at once. (The descriptors through which a sleeping loop is woken stay open until the last handle
/// of any kind is gone.) A loop that is open but not running takes in what is spawned, and polls it when it
/// runs.
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
        self.spawn_with(future, Particulars::new(Location::caller()))
    }

    pub(crate) fn spawn_with<F>(
        &self,
        future: F,
        particulars: Particulars<'_>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if self.is_current() {
            return JoinHandle::new(expect_current(|local| {
                local.spawn_specially(future, particulars)
            }));
        }
        if self.core.shared.manufactures.load(Ordering::Relaxed) {
            let made = factory::manufactured_at_home(move || future, &particulars);
            return JoinHandle::new(self.core.spawn_lazily(made, particulars));
        }
        JoinHandle::new(self.core.spawn(future, particulars))
    }

    /// Has the loop call `f`, from any thread, after everything that is ready; see
    /// [`call_soon`](crate::callback::call_soon).
    ///
    /// A sleeping loop is woken. What one thread sends is called in the order of sending. Dropping the handle
    /// that is returned changes nothing.
    ///
    /// # Errors
    ///
    /// If the loop is closed; `f` is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let handle = rt.handle().clone();
    /// let thread = std::thread::spawn(move || {
    ///     handle.call_soon(|| runtime::Handle::current().stop().unwrap()).unwrap();
    /// });
    /// rt.run_forever().unwrap();
    /// thread.join().unwrap();
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn call_soon(&self, f: impl FnOnce() + Send + 'static) -> Result<CallbackHandle, Closed> {
        let location = Location::caller();
        if self.is_closed() {
            contain_quietly(|| drop(f));
            return Err(Closed::new());
        }
        if self.is_current() {
            let callback = expect_current(|local| local.call_soon(f, location));
            return Ok(CallbackHandle::new(callback));
        }
        let callback = self.core.call_soon(f, Particulars::new(location));
        callback.map(CallbackHandle::new).ok_or_else(Closed::new)
    }

    /// Tells the loop to stop, from any thread; see [`Runtime::stop`](crate::Runtime::stop).
    ///
    /// A sleeping loop is woken. On another thread, this returns before the loop has stopped.
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Examples
    ///
    /// A loop that serves until somebody has seen enough:
    ///
    /// ```
    /// use std::thread;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// rt.spawn(async { /* accepts connections */ });
    /// let handle = rt.handle().clone();
    /// let operator = thread::spawn(move || handle.stop());
    /// rt.run_forever()?;
    /// operator.join().unwrap()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) -> Result<(), Closed> {
        if self.is_closed() {
            return Err(Closed::new());
        }
        if self.is_current() {
            expect_current(Local::stop);
            return Ok(());
        }
        if self.core.post(Local::stop) { Ok(()) } else { Err(Closed::new()) }
    }

    /// Asks the main future of the loop to end, from any thread: the one given to
    /// [`block_on`](crate::Runtime::block_on) or [`run_until`](crate::Runtime::run_until).
    ///
    /// In there it is heard as in a task, by [`cancelled`](crate::task::cancelled) and
    /// [`is_cancelling`](crate::task::is_cancelling). A main future that does not listen goes on: its caller
    /// waits for an output. The request stays with the loop until it is taken back by
    /// [`uncancel`](crate::task::uncancel), also for the main future that is run next.
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let handle = rt.handle().clone();
    /// let operator = std::thread::spawn(move || handle.cancel_main("closing time").unwrap());
    /// let reason = rt.block_on(runtime::task::cancelled());
    /// assert_eq!(reason, "closing time");
    /// operator.join().unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel_main(&self, reason: impl Into<Cow<'static, str>>) -> Result<(), Closed> {
        let reason = reason.into();
        if self.is_closed() {
            return Err(Closed::new());
        }
        if self.is_current() {
            expect_current(|local| local.executor.cancel_main(local, reason));
            return Ok(());
        }
        let ask = move |local: &Local| local.executor.cancel_main(local, reason);
        if self.core.post(ask) { Ok(()) } else { Err(Closed::new()) }
    }

    pub(crate) fn is_current(&self) -> bool {
        with_current(|local| Arc::ptr_eq(&local.core, &self.core)).unwrap_or(false)
    }

    /// Whether the loop is closed.
    pub fn is_closed(&self) -> bool {
        self.core.is_closed()
    }

    /// Whether the loop is closed, or, on its own thread, is just being closed.
    ///
    /// For the destructor of a future that tells somebody why it ends: its task has been aborted, or the whole
    /// loop comes to its end.
    pub fn is_closing(&self) -> bool {
        let closing = |local: &Local| {
            Arc::ptr_eq(&local.core, &self.core) && local.executor.special().is_closing()
        };
        with_current(closing).unwrap_or(false) || self.is_closed()
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
