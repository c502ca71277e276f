//! Failures that nobody asked after, and the handler that hears of them.
//!
//! A panic of a task that is awaited goes to whoever awaits it. One whose output is dropped unread, and that
//! of a callback, goes to the loop's exception handler; so does what a program reports itself. The way there
//! has two steps:
//!
//! ```text
//!   report ──► queue ──► deliver ──► the handler; without one, the log
//! ```
//!
//! `report` runs no code of the user's, for it is called in the middle of the executor. `deliver` is called
//! when the executor is at rest, holds no borrow while the handler runs, and leaves to the next call what the
//! handler itself gives rise to: so a handler that fails each time keeps the loop busy, but not from
//! everything else.

mod context;
mod handler;
mod policy;
mod source;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem;
use std::rc::Rc;

use crate::context::run_alone;
use crate::executor::Core;
use crate::executor::panics::{contain, contain_quietly};
use crate::local::Local;
use crate::log;

pub use self::context::ExceptionContext;
pub(crate) use self::context::{Cause, text_of};
pub use self::handler::default_exception_handler;
pub use self::policy::UnhandledPanic;
pub use self::source::{CallbackKind, CallbackSource, TaskSource};

/// What hears of failures.
pub(crate) type Handler = Rc<dyn Fn(&ExceptionContext)>;

/// What a loop knows of failures, and whom it tells.
pub(crate) struct Exceptions {
    handler: RefCell<Option<Handler>>,
    policy: UnhandledPanic,
    queue: RefCell<Vec<ExceptionContext>>,
    /// Whether there is something for [`deliver`] to do.
    any: Cell<bool>,
    /// Set while a handler runs: what it reports waits.
    delivering: Cell<bool>,
    /// Why the loop is to end.
    end: RefCell<Option<String>>,
}

/// What is to become of the loop.
#[derive(Debug)]
#[must_use]
pub(crate) enum Verdict {
    GoOn,
    /// At the end of the pass the loop is closed, and whoever runs it panics with this message.
    ShutDown(String),
}

impl Exceptions {
    pub(crate) fn new(handler: Option<Handler>, policy: UnhandledPanic) -> Exceptions {
        Exceptions {
            handler: RefCell::new(handler),
            policy,
            queue: RefCell::new(Vec::new()),
            any: Cell::new(false),
            delivering: Cell::new(false),
            end: RefCell::new(None),
        }
    }

    /// Notes a failure, for the next [`deliver`]; gives `true` if there was nothing to deliver before. Runs
    /// no code of the user's.
    #[cold]
    pub(crate) fn note(&self, context: ExceptionContext) -> bool {
        self.queue.borrow_mut().push(context);
        !self.any.replace(true)
    }

    /// Whether there is a reason to call [`deliver`].
    #[inline(always)]
    pub(crate) fn has_any(&self) -> bool {
        self.any.get()
    }

    fn handler(&self) -> Option<Handler> {
        self.handler.borrow().clone()
    }

    fn set_handler(&self, handler: Option<Handler>) {
        let previous = mem::replace(&mut *self.handler.borrow_mut(), handler);
        // It goes outside of the borrow: what it has captured is the user's.
        drop(previous);
    }

    /// Tells the handler what was queued until now.
    fn tell_queued(&self) {
        if self.delivering.replace(true) {
            return;
        }
        self.any.set(false);
        let queued = self.queue.take();
        for context in queued {
            self.tell(context);
        }
        self.delivering.set(false);
        if self.end.borrow().is_some() {
            self.any.set(true);
        }
    }

    /// Tells the handler, and does what the policy says.
    fn tell(&self, context: ExceptionContext) {
        let handler = self.handler();
        run_alone(context.variables(), || match &handler {
            // To show an error is code of the user's, too.
            None => contain_quietly(|| default_exception_handler(&context)),
            Some(handler) => {
                if let Err(payload) = contain(|| handler(&context)) {
                    contain_quietly(|| log::handler_panicked(&context, &*payload));
                    contain_quietly(move || drop(payload));
                }
            }
        });
        // It may have replaced itself.
        contain_quietly(move || drop(handler));
        if context.is_unhandled_panic() {
            match self.policy {
                UnhandledPanic::Report => {}
                UnhandledPanic::Shutdown => {
                    let why = "an unhandled panic has shut down the runtime";
                    let shown = contain(|| format!("{why}: {context}"));
                    self.end.borrow_mut().get_or_insert(shown.unwrap_or_else(|payload| {
                        contain_quietly(move || drop(payload));
                        why.to_owned()
                    }));
                }
                UnhandledPanic::Abort => std::process::abort(),
            }
        }
        contain_quietly(move || drop(context));
    }
}

/// Notes a failure, and has the loop come round to [`deliver`] it: before its next cell if it runs and no
/// handler does, and before it sleeps in any case. On the loop's own thread, and without running any code of
/// the user's.
#[cold]
pub(crate) fn report(local: &Local, context: ExceptionContext) {
    if local.exceptions.note(context) {
        come_round(local);
    }
}

fn come_round(local: &Local) {
    if !local.exceptions.delivering.get() {
        local.executor.interrupt();
    }
    // Mail is never slept upon.
    local.core.post(|_| ());
}

/// Sends a failure to the loop from anywhere; `false` if the loop is closed. Unless the loop hears of it, it
/// is logged.
#[cold]
pub(crate) fn send(core: &Core, context: ExceptionContext) -> bool {
    let letter = Letter(Some(context));
    core.post(move |local| letter.open(local))
}

/// A failure on its way to its loop. One that does not arrive, because the loop closes, must not be lost.
struct Letter(Option<ExceptionContext>);

impl Letter {
    fn open(mut self, local: &Local) {
        if let Some(context) = self.0.take() {
            local.exceptions.note(context);
        }
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        if let Some(context) = self.0.take() {
            contain_quietly(|| default_exception_handler(&context));
            contain_quietly(move || drop(context));
        }
    }
}

/// Tells the handler what was reported, each once, and says what is to become of the loop.
///
/// For a loop that is current, and at rest. What the handler gives rise to is left to the next call:
/// [`Exceptions::has_any`] says so.
#[cold]
pub(crate) fn deliver(local: &Local) -> Verdict {
    let exceptions = &local.exceptions;
    exceptions.tell_queued();
    match exceptions.end.take() {
        None => Verdict::GoOn,
        Some(why) => {
            exceptions.any.set(!exceptions.queue.borrow().is_empty());
            Verdict::ShutDown(why)
        }
    }
}

/// [`deliver`] for a loop that is being closed, and will not be there to hear what the handler gives rise to:
/// that is logged.
#[cold]
pub(crate) fn deliver_last(local: &Local) {
    let exceptions = &local.exceptions;
    exceptions.tell_queued();
    contain_quietly(|| exceptions.set_handler(None));
    // Also what waits for the return of a handler that closes the loop.
    for context in exceptions.queue.take() {
        exceptions.tell(context);
    }
    exceptions.end.take();
}

impl fmt::Debug for Exceptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exceptions").field("policy", &self.policy).finish_non_exhaustive()
    }
}
