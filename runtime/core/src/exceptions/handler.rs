//! Setting the handler, and calling it.

use std::rc::Rc;
use std::sync::Arc;

use crate::builder::Builder;
use crate::current::{Guard, with_current_held};
use crate::errors::Closed;
use crate::exceptions::{self, ExceptionContext, UnhandledPanic};
use crate::handle::Handle;
use crate::local::Local;
use crate::log;
use crate::runtime::Runtime;

/// Logs the failure as one error with all of its context, as a loop without a handler does: through `tracing`
/// with the feature of that name, else on the standard error stream.
///
/// For handlers that deal with some failures only.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let rt = runtime::Builder::new()
///     .exception_handler(|context| {
///         if context.panic_message() != Some("as expected") {
///             runtime::default_exception_handler(context);
///         }
///     })
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub fn default_exception_handler(context: &ExceptionContext) {
    log::exception(context);
}

impl Builder {
    /// Calls `handler` with each failure that nobody asked after; the default logs it, see
    /// [`default_exception_handler`].
    ///
    /// That is the panic of a task whose join handle was dropped without the outcome being taken, that of a
    /// callback, a blocking job that was refused though nobody waits for it, and what
    /// [`Handle::call_exception_handler`] is given. It is called on the loop's own thread, outside of any
    /// task, and may do what a callback may: spawn, stop the loop, replace the handler. What it gives rise to
    /// itself is reported later. It is called with the [context variables](crate::context) of the task or
    /// callback that failed, or else those that were current where the [`ExceptionContext`] was made; what it
    /// sets is gone when it returns. A handler that panics is logged together with what it was told, and the
    /// loop goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let failures = Rc::new(Cell::new(0));
    /// let counted = failures.clone();
    /// let rt = runtime::Builder::new()
    ///     .exception_handler(move |_context| counted.set(counted.get() + 1))
    ///     .build()?;
    /// rt.call_exception_handler(runtime::ExceptionContext::new("out of paper")).unwrap();
    /// assert_eq!(failures.get(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Which request it was that failed:
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// runtime::context_var! {
    ///     static REQUEST: u64 = 0;
    /// }
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let failed = Rc::new(Cell::new(None));
    /// let rt = runtime::Builder::new()
    ///     .exception_handler({
    ///         let failed = failed.clone();
    ///         move |_context| failed.set(Some(REQUEST.get()))
    ///     })
    ///     .build()?;
    /// rt.block_on(async {
    ///     runtime::spawn(async {
    ///         REQUEST.set(7);
    ///         panic!("out of paper");
    ///     });
    ///     runtime::task::yield_now().await;
    /// });
    /// assert_eq!(failed.get(), Some(7));
    /// # Ok(())
    /// # }
    /// ```
    pub fn exception_handler(mut self, handler: impl Fn(&ExceptionContext) + 'static) -> Builder {
        self.exception_handler = Some(Rc::new(handler));
        self
    }

    /// What a panic that nobody asked after means for the loop, once the handler has heard of it; the default
    /// is [`UnhandledPanic::Report`].
    ///
    /// # Examples
    ///
    /// A test that fails if a task panics which it does not wait for:
    ///
    /// ```should_panic
    /// use runtime::UnhandledPanic;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Builder::new().unhandled_panic(UnhandledPanic::Shutdown).build()?;
    /// rt.block_on(async {
    ///     runtime::spawn(async { panic!("nobody asks") });
    ///     std::future::pending::<()>().await
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn unhandled_panic(mut self, policy: UnhandledPanic) -> Builder {
        self.unhandled_panic = policy;
        self
    }
}

impl Runtime {
    /// Replaces the exception handler; see [`Builder::exception_handler`].
    ///
    /// To add to the one that is there, take it by [`exception_handler`](Runtime::exception_handler) first,
    /// and call it from the new one.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// rt.set_exception_handler(|context| eprintln!("this should not happen: {context}"));
    /// assert!(rt.exception_handler().is_some());
    /// rt.clear_exception_handler();
    /// assert!(rt.exception_handler().is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_exception_handler(&self, handler: impl Fn(&ExceptionContext) + 'static) {
        self.local().exceptions.set_handler(Some(Rc::new(handler)));
    }

    /// Goes back to the default, which logs.
    pub fn clear_exception_handler(&self) {
        self.local().exceptions.set_handler(None);
    }

    /// The exception handler that was set, unless it is the default.
    pub fn exception_handler(&self) -> Option<Rc<dyn Fn(&ExceptionContext)>> {
        self.local().exceptions.handler()
    }

    /// Logs a failure, as a loop without a handler does; see [`default_exception_handler`].
    pub fn default_exception_handler(&self, context: &ExceptionContext) {
        default_exception_handler(context);
    }

    /// Tells the exception handler of a failure, at once.
    ///
    /// Inside of the handler itself it waits until that has returned.
    ///
    /// # Errors
    ///
    /// If the loop is closed; the failure is logged then.
    pub fn call_exception_handler(&self, context: ExceptionContext) -> Result<(), Closed> {
        if self.is_closed() {
            default_exception_handler(&context);
            return Err(Closed::new());
        }
        let _entered = Guard::new(self.local());
        call_now(self.local(), context);
        Ok(())
    }
}

impl Handle {
    /// Tells the loop's exception handler of a failure, from any thread.
    ///
    /// Where the loop is current that happens at once (inside of the handler itself, when it has returned).
    /// From elsewhere the loop is told, and calls its handler at the start of the next turn.
    ///
    /// # Errors
    ///
    /// If the loop is closed; the failure is logged then.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let (sender, receiver) = mpsc::channel();
    /// let rt = runtime::Builder::new()
    ///     .exception_handler(move |context| sender.send(context.message().to_owned()).unwrap())
    ///     .build()?;
    /// rt.block_on(async {
    ///     let handle = runtime::Handle::current();
    ///     handle.call_exception_handler(runtime::ExceptionContext::new("no more milk"))
    /// })
    /// .unwrap();
    /// assert_eq!(receiver.recv().unwrap(), "no more milk");
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_exception_handler(&self, context: ExceptionContext) -> Result<(), Closed> {
        let mut context = Some(context);
        with_current_held(|local| {
            if Arc::ptr_eq(&local.core, self.core()) {
                if let Some(context) = context.take() {
                    call_now(local, context);
                }
            }
        });
        let Some(context) = context else { return Ok(()) };
        match exceptions::send(self.core(), context) {
            true => Ok(()),
            false => Err(Closed::new()),
        }
    }
}

/// Tells the handler, after what was reported before.
fn call_now(local: &Local, context: ExceptionContext) {
    local.exceptions.note(context);
    local.exceptions.tell_queued();
    if local.exceptions.has_any() {
        // A verdict, which is the loop's to carry out, or what waits for the handler to return.
        exceptions::come_round(local);
    }
}
