//! One callback, from the event to the next wait.
//!
//! ```text
//!   event ──► Notice::wake ──► queued like any callback ──► run ──► the user's code
//!     ▲                                                              │
//!     └───────────── registered anew, so that the selector ◄─────────┘
//!                    reports what is left, in a later pass
//! ```
//!
//! It is no task, so it has no id, is in no list of tasks, and no task factory hears of it.

use std::cell::Cell;
use std::os::fd::RawFd;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::context::Context;
use crate::current::{LoopId, with_current, with_current_held};
use crate::exceptions::{self, CallbackKind, ExceptionContext};
use crate::executor::panics::{contain, contain_quietly};
use crate::local::Local;
use crate::reactor::entry::Entry;
use crate::reactor::scope::Scope;
use crate::reactor::{Direction, Ready};

use super::table;

/// What is to be called, and how.
pub(super) struct Callback {
    pub(super) call: Box<dyn FnMut()>,
    pub(super) context: Context,
    pub(super) location: &'static Location<'static>,
}

/// One callback for a direction of a descriptor.
pub(super) struct Watcher {
    pub(super) number: RawFd,
    direction: Direction,
    entry: Arc<Entry>,
    waker: Waker,
    location: &'static Location<'static>,
    /// None while it runs, and when it has ended.
    callback: Cell<Option<Callback>>,
    /// Whether it is in the run queue.
    queued: Cell<bool>,
    ended: Cell<bool>,
}

impl Watcher {
    pub(super) fn new(
        local: &Local,
        number: RawFd,
        direction: Direction,
        entry: Arc<Entry>,
        callback: Callback,
    ) -> Watcher {
        let notice = Notice { id: local.id, number, direction };
        Watcher {
            number,
            direction,
            entry,
            waker: Waker::from(Arc::new(notice)),
            location: callback.location,
            callback: Cell::new(Some(callback)),
            queued: Cell::new(false),
            ended: Cell::new(false),
        }
    }

    /// Waits for the next event.
    pub(super) fn enlist(&self, local: &Local) {
        local.reactor.wait_polled(&self.entry, self.direction, &self.waker);
    }

    /// Ends it: the callback is dropped, or, if it is running, when it returns.
    pub(super) fn end(&self) {
        self.ended.set(true);
        drop(self.callback.take());
    }

    /// Queues a call.
    fn schedule(self: Rc<Self>, local: &Local) {
        if !self.queued.replace(true) {
            let location = self.location;
            local.call_soon(move || self.run(), location);
        }
    }

    fn run(&self) {
        self.queued.set(false);
        // The event is used up before the call: what is reported during it counts.
        let scope = Scope::of_direction(self.direction);
        let seen = self.entry.seen(scope);
        let ready = !seen.ready(scope).is_empty();
        self.entry.settle(scope, seen, Ready::ALL);
        if ready {
            self.call();
        }
        if !self.ended.get() {
            with_current_held(|local| table::wait(local, self));
        }
    }

    fn call(&self) {
        // If it is running, in a turn that was taken from inside, that call goes on to wait.
        let Some(mut callback) = self.callback.take() else { return };
        let outcome = contain(|| callback.context.run(&mut callback.call));
        let variables = outcome.is_err().then(|| callback.context.clone());
        if self.ended.get() {
            contain_quietly(|| drop(callback));
        } else {
            self.callback.set(Some(callback));
        }
        if let Err(payload) = outcome {
            let kind = match self.direction {
                Direction::Read => CallbackKind::Reader,
                Direction::Write => CallbackKind::Writer,
            };
            let context = ExceptionContext::of_callback(kind, self.location, variables, payload);
            with_current(|local| exceptions::report(local, context));
        }
    }
}

/// Queues the callback for a direction of a descriptor when an event wakes it, on the loop's thread.
struct Notice {
    id: LoopId,
    number: RawFd,
    direction: Direction,
}

impl Wake for Notice {
    fn wake(self: Arc<Self>) {
        with_current(|local| {
            if local.id == self.id {
                if let Some(watcher) = table::find(self.number, self.direction) {
                    watcher.schedule(local);
                }
            }
        });
    }
}
