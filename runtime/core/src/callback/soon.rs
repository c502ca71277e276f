//! Callbacks that are called as soon as possible.

use std::fmt;
use std::panic::Location;

use crate::context::Context;
use crate::executor::CallbackRef;
use crate::local::Local;
use crate::runtime::Runtime;
use crate::task::expect_current_and;

/// Has the current loop call `f` after everything that is ready already.
///
/// # Panics
///
/// Outside of a loop; use [`Runtime::call_soon`] there, or [`Handle::call_soon`](crate::Handle::call_soon)
/// from other threads.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// use runtime::callback::call_soon;
/// use runtime::task::yield_now;
///
/// runtime::run(async {
///     let order = Rc::new(RefCell::new(Vec::new()));
///     for number in [1, 2] {
///         let order = order.clone();
///         call_soon(move || order.borrow_mut().push(number));
///     }
///     yield_now().await;
///     assert_eq!(*order.borrow(), [1, 2]);
/// });
/// ```
#[inline(always)]
#[track_caller]
pub fn call_soon(f: impl FnOnce() + 'static) -> CallbackHandle {
    let location = Location::caller();
    CallbackHandle::new(expect_current_and(f, location, Local::call_soon))
}

impl Runtime {
    /// Has the loop call `f` after everything that is ready already, once it runs; see
    /// [`callback::call_soon`](crate::callback::call_soon).
    ///
    /// On a closed loop `f` is dropped at once, and the handle says cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// let handle = rt.handle().clone();
    /// rt.call_soon(move || handle.stop().unwrap());
    /// rt.run_forever()?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn call_soon(&self, f: impl FnOnce() + 'static) -> CallbackHandle {
        self.heed_context();
        CallbackHandle::new(self.local().call_soon(f, Location::caller()))
    }
}

/// Cancels a callback, or tells what became of it; from any thread.
///
/// Dropping it leaves the callback where it is.
///
/// # Examples
///
/// ```
/// use runtime::callback::call_soon;
///
/// runtime::run(async {
///     let callback = call_soon(|| unreachable!("it is cancelled"));
///     callback.cancel();
///     assert!(callback.is_cancelled());
/// });
/// ```
#[derive(Clone)]
pub struct CallbackHandle {
    callback: CallbackRef,
}

impl CallbackHandle {
    #[inline(always)]
    pub(crate) fn new(callback: CallbackRef) -> CallbackHandle {
        CallbackHandle { callback }
    }

    /// Drops the callback if it has not been called; afterwards does nothing.
    ///
    /// Where the loop is current, running or entered, that happens at once. Elsewhere the loop is asked to,
    /// and does so at the start of its next turn; what is called before that has been called.
    pub fn cancel(&self) {
        self.callback.cancel();
    }

    /// Whether the callback was cancelled, or dropped by a closing loop, before it was called.
    pub fn is_cancelled(&self) -> bool {
        self.callback.is_cancelled()
    }

    /// Whether the callback has been called, is being called, or was dropped.
    pub fn is_finished(&self) -> bool {
        self.callback.is_finished()
    }

    /// The context variables with which it is called.
    pub fn context(&self) -> Context {
        self.callback.context().unwrap_or_default()
    }

    /// Where it was made.
    pub fn location(&self) -> &'static Location<'static> {
        self.callback.location()
    }
}

impl fmt::Debug for CallbackHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackHandle")
            .field("location", &format_args!("{}", self.location()))
            .field("finished", &self.is_finished())
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}
