//! Callbacks for signals.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{self, Poll, Wake, Waker};

use runtime_core::Handle;
use runtime_core::context::Context;
use runtime_core::reactor::{loop_local, try_loop_local};

use super::kind::SignalKind;
use super::listener::Listener;
use super::registry;
use super::signal::{Signal, signal};

/// Has the current loop call `callback` for signals of one kind, until the guard is dropped.
///
/// Signals that come faster than the callback is called are told as one, real-time signals too. It is called
/// between tasks, with the context variables of now; a panic goes to the loop's exception handler, and the
/// callback stays. It is no task, so it keeps no shutdown waiting. When the loop is closed it is dropped.
///
/// # Errors
///
/// Those of [`signal`](super::signal()); `callback` is dropped.
///
/// # Examples
///
/// A loop that ends when it is told to:
///
/// ```
/// use runtime::signal::{self, SignalKind};
/// use runtime::{Handle, Runtime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rt = Runtime::new()?;
/// let _entered = rt.enter();
/// let _terminate = signal::on(SignalKind::terminate(), || {
///     Handle::current().stop().expect("a loop that runs is not closed");
/// })?;
/// # rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM)?;
/// rt.run_forever()?;
/// # Ok(())
/// # }
/// ```
pub fn on(kind: SignalKind, callback: impl FnMut() + 'static) -> io::Result<SignalGuard> {
    let signal = signal(kind)?;
    let caller = Arc::new(Caller::new(signal.listener().home.clone()));
    let guard = SignalGuard { listener: signal.listener().clone(), caller: caller.clone() };
    let callback = Rc::new(Callback {
        signal,
        function: Cell::new(Some(Box::new(callback))),
        context: Context::current(),
        waker: Waker::from(caller.clone()),
        caller,
    });
    loop_local(|callbacks: &Callbacks| callbacks.add(callback.clone()));
    if callback.take_and_wait() {
        callback.waker.wake_by_ref();
    }
    Ok(guard)
}

/// Keeps a callback for signals; made by [`on`].
///
/// When it is dropped, on any thread, the callback is not called any more. The callback itself is dropped by
/// its loop, at once if that is the current one.
#[must_use = "dropping the guard removes the callback"]
pub struct SignalGuard {
    listener: Arc<Listener>,
    caller: Arc<Caller>,
}

impl SignalGuard {
    /// Leaves the callback where it is until the loop is closed.
    pub fn forget(self) {
        self.caller.kept.store(true, Ordering::Relaxed);
    }

    /// For which signals it is called.
    pub fn kind(&self) -> SignalKind {
        SignalKind::from_raw(self.listener.signal)
    }
}

impl Drop for SignalGuard {
    fn drop(&mut self) {
        // Relaxed: set by this very thread, if at all.
        if self.caller.kept.load(Ordering::Relaxed) {
            return;
        }
        self.caller.gone.store(true, Ordering::Release);
        registry::unsubscribe(&self.listener);
        let id = self.caller.id;
        if !remove(id) {
            // A loop that is closed has dropped it already.
            let _ = self.caller.home.call_soon(move || {
                let _ = remove(id);
            });
        }
    }
}

impl fmt::Debug for SignalGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalGuard").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

/// The waker of a callback's listener: has the loop call it.
struct Caller {
    id: u64,
    home: Handle,
    gone: AtomicBool,
    kept: AtomicBool,
}

impl Caller {
    fn new(home: Handle) -> Caller {
        // Relaxed: only that they differ matters.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Caller { id, home, gone: AtomicBool::new(false), kept: AtomicBool::new(false) }
    }
}

impl Wake for Caller {
    fn wake(self: Arc<Self>) {
        let id = self.id;
        let _ = self.home.call_soon(move || {
            let callback = try_loop_local(|callbacks: &Callbacks| callbacks.find(id)).flatten();
            if let Some(callback) = callback {
                callback.call();
            }
        });
    }
}

/// A callback in its loop.
struct Callback {
    signal: Signal,
    /// None while it is being called.
    function: Cell<Option<Box<dyn FnMut()>>>,
    context: Context,
    waker: Waker,
    caller: Arc<Caller>,
}

impl Callback {
    /// Takes what has come, and waits for more; tells whether anything had.
    fn take_and_wait(&self) -> bool {
        let mut cx = task::Context::from_waker(&self.waker);
        let mut any = false;
        while let Poll::Ready(Some(_)) = self.signal.poll_at_once(&mut cx) {
            any = true;
        }
        any
    }

    fn call(&self) {
        // Acquire pairs with the release in the drop of the guard, whose thread may count on it.
        if !self.take_and_wait() || self.caller.gone.load(Ordering::Acquire) {
            return;
        }
        let Some(function) = self.function.take() else { return };
        let mut borrowed = Borrowed { callback: self, function: Some(function) };
        if let Some(function) = &mut borrowed.function {
            self.context.run(function);
        }
    }
}

/// A function that goes back to its place when it returns, or panics.
struct Borrowed<'a> {
    callback: &'a Callback,
    function: Option<Box<dyn FnMut()>>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.callback.function.set(self.function.take());
    }
}

/// The callbacks of a loop.
#[derive(Default)]
struct Callbacks {
    list: RefCell<BTreeMap<u64, Rc<Callback>>>,
}

impl Callbacks {
    fn add(&self, callback: Rc<Callback>) {
        self.list.borrow_mut().insert(callback.caller.id, callback);
    }

    fn find(&self, id: u64) -> Option<Rc<Callback>> {
        self.list.borrow().get(&id).cloned()
    }
}

/// Drops a callback of the current loop; false if it is not one. The function goes when nothing is borrowed.
fn remove(id: u64) -> bool {
    let removed = try_loop_local(|callbacks: &Callbacks| callbacks.list.borrow_mut().remove(&id));
    removed.flatten().is_some()
}
