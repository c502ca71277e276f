//! Callbacks that are called at a given time.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::callback::CallbackHandle;
use crate::context::Context;
use crate::current::{LoopId, post_to, with_current};
use crate::local::Local;
use crate::runtime::Runtime;
use crate::task::expect_current;
use crate::time::{Instant, TimerKey};

/// Has the current loop call `f` when `delay` is over, and never earlier.
///
/// A delay of zero means the next time that the loop looks at its timers, after everything that is ready, and
/// after I/O. [`Duration::MAX`] means never.
///
/// # Panics
///
/// Outside of a loop; see [`Runtime::call_later`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::callback::call_later;
///
/// fn tick(count: u32) {
///     println!("tick {count}");
///     if count > 1 {
///         call_later(Duration::from_millis(1), move || tick(count - 1));
///     } else {
///         runtime::Handle::current().stop().unwrap();
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rt = runtime::Runtime::new()?;
/// rt.call_soon(|| tick(3));
/// rt.run_forever()?;
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn call_later(delay: Duration, f: impl FnOnce() + 'static) -> TimerHandle {
    let location = Location::caller();
    expect_current(|local| arm(local, Instant::now().saturating_add(delay), f, location))
}

/// Has the current loop call `f` at `deadline`, and never earlier; a deadline that has passed means as soon
/// as possible.
///
/// # Panics
///
/// Outside of a loop; see [`Runtime::call_at`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::callback::call_at;
/// use runtime::time;
///
/// runtime::run(async {
///     let deadline = time::now() + Duration::from_millis(2);
///     let timer = call_at(deadline, move || assert!(time::now() >= deadline));
///     assert_eq!(timer.when(), deadline);
///     time::sleep(Duration::from_millis(5)).await;
///     assert!(!timer.is_cancelled());
/// });
/// ```
#[track_caller]
pub fn call_at(deadline: Instant, f: impl FnOnce() + 'static) -> TimerHandle {
    let location = Location::caller();
    expect_current(|local| arm(local, deadline, f, location))
}

impl Runtime {
    /// Has the loop call `f` when `delay` is over; see [`callback::call_later`](crate::callback::call_later).
    ///
    /// On a closed loop `f` is dropped at once, and the handle says cancelled.
    ///
    /// # Examples
    ///
    /// A loop that runs for a while:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// let handle = rt.handle().clone();
    /// rt.call_later(Duration::from_millis(5), move || handle.stop().unwrap());
    /// rt.run_forever()?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn call_later(&self, delay: Duration, f: impl FnOnce() + 'static) -> TimerHandle {
        self.heed_context();
        let deadline = self.local().clock.now().saturating_add(delay);
        arm(self.local(), deadline, f, Location::caller())
    }

    /// Has the loop call `f` at `deadline`; see [`callback::call_at`](crate::callback::call_at).
    ///
    /// On a closed loop `f` is dropped at once, and the handle says cancelled.
    #[track_caller]
    pub fn call_at(&self, deadline: Instant, f: impl FnOnce() + 'static) -> TimerHandle {
        self.heed_context();
        arm(self.local(), deadline, f, Location::caller())
    }
}

/// The closure goes to a callback, and the waker of that into the wheel.
#[inline]
fn arm(
    local: &Local,
    deadline: Instant,
    f: impl FnOnce() + 'static,
    location: &'static Location<'static>,
) -> TimerHandle {
    let key = Cell::new(None);
    let callback = local.call_when(f, location, |waker| {
        key.set(local.timers.arm(deadline, waker.clone()).ok());
        key.get().is_some()
    });
    let callback = CallbackHandle::new(callback);
    TimerHandle { callback, deadline, key: key.get(), home: local.id }
}

/// Cancels a callback that waits for its time, or tells what became of it; from any thread.
///
/// Dropping it leaves the timer armed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::callback::call_later;
///
/// runtime::run(async {
///     let watchdog = call_later(Duration::from_secs(60), || panic!("it took too long"));
///     // The work that is watched.
///     watchdog.cancel();
///     assert!(watchdog.is_cancelled());
/// });
/// ```
#[derive(Clone)]
pub struct TimerHandle {
    callback: CallbackHandle,
    deadline: Instant,
    /// None if the deadline had passed already.
    key: Option<TimerKey>,
    home: LoopId,
}

impl TimerHandle {
    /// Drops the callback, and the timer, if it has not been called; afterwards does nothing. See
    /// [`CallbackHandle::cancel`].
    pub fn cancel(&self) {
        if self.callback.is_finished() {
            return;
        }
        if let Some(key) = self.key {
            let here = with_current(|local| {
                let here = local.id == self.home;
                if here {
                    local.timers.cancel(key);
                }
                here
            });
            if here != Some(true) {
                // If the loop is closed, so is its wheel.
                post_to(self.home, move |local| local.timers.cancel(key));
            }
        }
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

    /// The moment for which it was made.
    pub fn when(&self) -> Instant {
        self.deadline
    }

    /// The context variables with which it is called.
    pub fn context(&self) -> Context {
        self.callback.context()
    }

    /// Where it was made.
    pub fn location(&self) -> &'static Location<'static> {
        self.callback.location()
    }
}

impl fmt::Debug for TimerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimerHandle")
            .field("when", &self.deadline)
            .field("location", &format_args!("{}", self.location()))
            .field("finished", &self.is_finished())
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}
