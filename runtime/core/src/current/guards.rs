//! The guards that make a loop the current one, by entering it or by running it.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::ptr::null;
use std::rc::Rc;
use std::sync::Arc;

use super::{CURRENT, WITH_CONTEXT, give_back, is_running};
use crate::executor::Special;
use crate::local::Local;

/// Makes a loop current until dropped.
#[derive(Debug)]
pub(crate) struct Entered {
    previous: *const Local,
}

impl Entered {
    /// Enters, without running.
    #[inline(always)]
    pub(crate) fn enter(local: &Rc<Local>) -> Entered {
        let pointer = Rc::into_raw(local.clone());
        CURRENT.with(|current| {
            let previous = current.local.replace(pointer);
            current.core.set(Arc::as_ptr(&local.core));
            Entered { previous }
        })
    }

    /// Enters in order to close; the loop need not run, another may.
    ///
    /// # Panics
    ///
    /// If this loop runs.
    #[track_caller]
    pub(crate) fn closing(local: &Rc<Local>) -> Entered {
        assert!(
            !is_running(local),
            "a runtime can not be closed while it is running; return from `block_on` first"
        );
        Entered::enter(local)
    }
}

impl Drop for Entered {
    #[inline(always)]
    fn drop(&mut self) {
        if self.previous.is_null() {
            let local = CURRENT.with(|current| {
                current.core.set(null());
                current.local.replace(null())
            });
            give_back(local);
        } else {
            return_to(self.previous);
        }
    }
}

/// An [`Entered`] that users hold, and may forget or drop out of order.
///
/// Its own count makes sure that a loop which is current stays in memory while code further up the stack
/// works with it, whatever user code does to the `Runtime` meanwhile. A guard dropped out of order leaves its
/// loop where it may become current again, so it leaks the count, as a forgotten one does.
#[derive(Debug)]
pub(crate) struct Guard {
    entered: Option<Entered>,
    keep: ManuallyDrop<Rc<Local>>,
}

impl Guard {
    pub(crate) fn new(local: &Rc<Local>) -> Guard {
        Guard { entered: Some(Entered::enter(local)), keep: ManuallyDrop::new(local.clone()) }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let current = CURRENT.with(|current| current.local.get());
        let in_order = current == Rc::as_ptr(&self.keep);
        self.entered = None;
        if in_order || self.keep.core.is_closed() {
            // SAFETY: it is not used again.
            unsafe { ManuallyDrop::drop(&mut self.keep) };
        }
    }
}

/// Marks a loop as current and running until dropped.
pub(crate) struct Running {
    _entered: Entered,
}

impl Running {
    /// Enters in order to run.
    ///
    /// # Panics
    ///
    /// If a loop runs on this thread.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn new(local: &Rc<Local>) -> Running {
        let running = CURRENT.with(|current| current.running.get());
        if !running.is_null() {
            occupied(local, running);
        }
        CURRENT.with(|current| current.running.set(Rc::as_ptr(local)));
        Running { _entered: Entered::enter(local) }
    }
}

impl Drop for Running {
    #[inline(always)]
    fn drop(&mut self) {
        CURRENT.with(|current| current.running.set(current.idle.get()));
    }
}

/// Marks a loop as current and running until dropped, although another one may run, from inside of which it
/// takes a turn.
pub(crate) struct Nested {
    outer: *const Local,
    _entered: Entered,
}

impl Nested {
    /// Enters in order to take a turn.
    ///
    /// # Panics
    ///
    /// If this loop runs already.
    #[track_caller]
    pub(crate) fn new(local: &Rc<Local>) -> Nested {
        assert!(
            !is_running(local),
            "a runtime cannot take a turn while it is running; it goes on by itself: await what it is to do. `Runtime::turn` \
             drives a loop that does not run, also from inside of another one"
        );
        let (outer, idle) = CURRENT
            .with(|current| (current.running.replace(Rc::as_ptr(local)), current.idle.get()));
        set_suspended(outer, true);
        if idle == WITH_CONTEXT {
            local.executor.observe(Special::CONTEXT);
        }
        Nested { outer, _entered: Entered::enter(local) }
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        set_suspended(self.outer, false);
        CURRENT.with(|current| {
            let outer = if self.outer.addr() > WITH_CONTEXT.addr() {
                self.outer
            } else {
                current.idle.get()
            };
            current.running.set(outer);
        });
    }
}

/// Notes that a loop runs, though another one takes a turn inside of it.
fn set_suspended(local: *const Local, suspended: bool) {
    if local.addr() > WITH_CONTEXT.addr() {
        // SAFETY: a loop that runs is borrowed by those who run it, further up this very stack.
        unsafe { &*local }.executor.set_suspended(suspended);
    }
}

/// Says what a loop has to know of that is run on a thread which is not blank.
#[cold]
#[track_caller]
fn occupied(local: &Local, running: *const Local) {
    if running != WITH_CONTEXT {
        nested();
    }
    local.executor.observe(Special::CONTEXT);
}

#[cold]
#[track_caller]
fn nested() -> ! {
    panic!(
        "Cannot start a runtime from within a runtime: a loop is running on this thread already, and blocking it \
         would stop every task on it. Await the future instead, or move the blocking call to \
         `runtime::spawn_blocking` or to another thread; a loop of its own can be driven by `Runtime::turn`"
    )
}

/// Makes the loop current again that was before.
#[cold]
fn return_to(previous: *const Local) {
    let previous = unless_closed(previous);
    let local = CURRENT.with(|current| {
        // SAFETY: null, or a `Local` that this guard holds a count on.
        let core = unsafe { previous.as_ref() }.map_or(null(), |local| Arc::as_ptr(&local.core));
        current.core.set(core);
        current.local.replace(previous)
    });
    give_back(local);
}

/// Gives a closed loop's count back instead of making it current again.
#[cold]
fn unless_closed(local: *const Local) -> *const Local {
    // SAFETY: the caller's guard holds a count.
    if unsafe { (*local).core.is_closed() } {
        give_back(local);
        return null();
    }
    local
}
