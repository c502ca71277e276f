//! Which loop this thread is in.
//!
//! Two thread-local pointers: the `Core` tells in one comparison whether this thread is the owner of a task;
//! the `Local` is what the owner then works with. They are set while a loop runs or is entered, and hold one
//! `Rc` count of the `Local`, so that a guard (`guards`) that is forgotten or dropped out of order leaks
//! instead of dangling. A closed loop is never current.
#![allow(unsafe_code)]

mod guards;
mod registry;

use std::cell::Cell;
use std::num::NonZeroU64;
use std::ptr::{null, without_provenance};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::executor::{Core, Special};
use crate::local::Local;

// The models use a part of them.
#[cfg_attr(loom, allow(unused_imports))]
pub(crate) use self::guards::{Entered, Guard, Nested, Running};
#[cfg_attr(any(loom, not(feature = "tracing")), allow(unused_imports))]
pub(crate) use self::registry::{
    LoopId, loops_elsewhere, open_loops, post_to, register, threads_of_open_loops, unregister,
};

/// What every call outside of a loop is told.
pub(crate) const NO_LOOP: &str = "there is no reactor running, must be called from the context of a `runtime` \
     loop: inside `runtime::run`, `#[runtime::main]`, `Runtime::block_on`, or after `Runtime::enter`; \
     from another thread, go through a `Handle`";

struct Current {
    core: Cell<*const Core>,
    local: Cell<*const Local>,
    /// The loop that is running on this thread, as opposed to being entered; or else what is in `idle`.
    running: Cell<*const Local>,
    /// Null, or `WITH_CONTEXT`.
    idle: Cell<*const Local>,
    /// Which thread this is, once somebody has asked.
    thread: Cell<Option<ThreadNumber>>,
}

/// Stands where a running loop would, on a thread on which context variables have been set: a loop that is
/// run there has to know, and the others have no more to ask than whether a loop runs already.
const WITH_CONTEXT: *const Local = without_provenance(1);

/// Tells threads apart, for the life of the process. Unlike that of [`std::thread`] it can be asked for while
/// the thread's other thread-locals are destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadNumber(NonZeroU64);

/// The thread that calls.
#[cold]
pub(crate) fn this_thread() -> ThreadNumber {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    CURRENT.with(|current| {
        let number = current.thread.get().unwrap_or_else(|| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            ThreadNumber(NonZeroU64::new(number).expect("2^64 threads were never started"))
        });
        current.thread.set(Some(number));
        number
    })
}

impl Current {
    const fn new() -> Current {
        Current {
            core: Cell::new(null()),
            local: Cell::new(null()),
            running: Cell::new(null()),
            idle: Cell::new(null()),
            thread: Cell::new(None),
        }
    }
}

#[cfg(not(loom))]
thread_local! {
    // Const-initialised and without a destructor: one plain load, and usable while the thread ends.
    static CURRENT: Current = const { Current::new() };
}

#[cfg(loom)]
loom::thread_local! {
    // Loom's threads share one thread of the system.
    static CURRENT: Current = Current::new();
}

/// The current loop if it is the one that `core` belongs to.
///
/// # Safety
///
/// The reference is not kept beyond the calling function, and after a call of user code, which may close the
/// loop, it is asked for anew. (It would not dangle, see [`with_current`]; but a closed loop has no owner,
/// and must not be given cells to free.)
#[inline(always)]
pub(crate) unsafe fn owner<'a>(core: *const Core) -> Option<&'a Local> {
    CURRENT.with(|current| {
        if current.core.get() == core {
            let local = current.local.get();
            // SAFETY: `core` and `local` are set together; `core` is not null, so neither is `local`, on
            // which the thread-local holds a count.
            unsafe {
                std::hint::assert_unchecked(!local.is_null());
                Some(&*local)
            }
        } else {
            None
        }
    })
}

/// Whether this thread is the owner of what points to `core`.
#[inline(always)]
pub(crate) fn is_owner(core: *const Core) -> bool {
    CURRENT.with(|current| current.core.get() == core)
}

/// Calls `f` with the current loop of this thread, if there is one.
///
/// Not for an `f` that calls code of the user's and uses the loop afterwards: see [`with_current_held`].
#[inline(always)]
pub(crate) fn with_current<R>(f: impl FnOnce(&Local) -> R) -> Option<R> {
    let local = CURRENT.with(|current| current.local.get());
    if local.is_null() {
        return None;
    }
    // SAFETY: the thread-local holds a count on it, and a loop that runs is borrowed by those who run it. The
    // count of one that was merely entered ends by code of the user's, after which `f` does not use it.
    Some(f(unsafe { &*local }))
}

/// Calls `f` with the current loop of this thread, if there is one, and keeps the loop in memory meanwhile: `f`
/// may run code of the user's, which may leave a loop that was entered, and drop it.
#[inline]
pub(crate) fn with_current_held<R>(f: impl FnOnce(&Local) -> R) -> Option<R> {
    let hold = hold();
    // SAFETY: as in `with_current`, and there is a count for as long as `f` runs; null becomes none.
    unsafe { hold.0.as_ref() }.map(f)
}

/// Keeps the current loop in memory, if there is one, while code of the user's runs.
#[inline]
pub(crate) fn hold() -> Hold {
    let local = CURRENT.with(|current| current.local.get());
    if !local.is_null() {
        // SAFETY: it came from `Rc::into_raw` on this thread, and the thread-local holds a count on it.
        unsafe { Rc::increment_strong_count(local) };
    }
    Hold(local)
}

/// A count on a loop, or on none.
#[must_use]
pub(crate) struct Hold(*const Local);

impl Drop for Hold {
    #[inline]
    fn drop(&mut self) {
        give_back(self.0);
    }
}

/// Calls `f` with the loop of which something is being run: the current one, unless that was entered, or is
/// driven, in the midst of another one's task.
pub(crate) fn with_busy<R>(f: impl FnOnce(&Local) -> R) -> Option<R> {
    let (local, running) = CURRENT.with(|current| (current.local.get(), current.running.get()));
    let _held = hold();
    // SAFETY: as in `with_current_held`; null becomes none.
    let current = unsafe { local.as_ref() };
    let is_busy = current.is_some_and(|local| local.executor.running().is_some());
    if is_busy || running.addr() <= WITH_CONTEXT.addr() {
        return current.map(f);
    }
    // SAFETY: a loop that runs is borrowed by those who run it, further up this very stack.
    Some(f(unsafe { &*running }))
}

/// Calls `f` with the current loop of this thread and two more values, if there is one; gives them back if
/// not. For hot paths: a function and its arguments are put into the caller's code where a closure is not
/// always.
#[inline(always)]
pub(crate) fn with_current_and<A, B, R>(
    a: A,
    b: B,
    f: impl FnOnce(&Local, A, B) -> R,
) -> Result<R, (A, B)> {
    let local = CURRENT.with(|current| current.local.get());
    if local.is_null() {
        return Err((a, b));
    }
    // SAFETY: as in `with_current`, with the same rule for `f`.
    Ok(f(unsafe { &*local }, a, b))
}

/// Calls `f` with the current loop of this thread, or without: for hot paths that go on either way. As in
/// [`with_current_held`], `f` may run code of the user's.
#[inline(always)]
pub(crate) fn with_optional<R>(f: impl FnOnce(Option<&Local>) -> R) -> R {
    let (local, running) = CURRENT.with(|current| (current.local.get(), current.running.get()));
    // A loop that runs is borrowed by those who run it.
    let _held = (local != running).then(hold);
    // SAFETY: as in `with_current_held`; null becomes none.
    f(unsafe { local.as_ref() })
}

/// Which loop runs on this thread, for comparisons; zero if none does.
pub(crate) fn running() -> usize {
    CURRENT.with(|current| {
        Some(current.running.get())
            .filter(|&loop_| loop_ != WITH_CONTEXT)
            .map_or(0, |loop_| loop_.addr())
    })
}

/// Whether a loop is running on this thread.
pub(crate) fn is_running(local: &Local) -> bool {
    CURRENT.with(|current| std::ptr::eq(current.running.get(), local))
        || local.executor.is_suspended()
}

/// Leaves the state of running on the way out of a call that runs a loop, so that the loop can be closed
/// there. Not for a loop inside of another, which must go on to be taken for running.
pub(crate) fn step_out() {
    CURRENT.with(|current| current.running.set(current.idle.get()));
}

/// Notes that context variables are in use on this thread: the loops that are run on it, or are current
/// there, have to look after them.
pub(crate) fn note_context() {
    let (current, running) = CURRENT.with(|current| {
        current.idle.set(WITH_CONTEXT);
        if current.running.get().is_null() {
            current.running.set(WITH_CONTEXT);
        }
        (current.local.get(), current.running.get())
    });
    for local in [current, running] {
        if local.addr() > WITH_CONTEXT.addr() {
            // SAFETY: what is current has a count of the thread-local's, and what runs is borrowed by those
            // who run it; no user code is called.
            unsafe { &*local }.executor.observe(Special::CONTEXT);
        }
    }
}

/// Gives the count of a pointer back that was current.
#[inline(always)]
fn give_back(local: *const Local) {
    if !local.is_null() {
        // SAFETY: it came from `Rc::into_raw` in `Entered::enter`, on this thread, and its count has not been
        // given back.
        drop(unsafe { Rc::from_raw(local) });
    }
}

/// Makes sure that a loop about to refuse its owner's path is not current, whatever happened to its guards.
/// The caller has a count of his own.
pub(crate) fn leave(local: &Local) {
    CURRENT.with(|current| {
        if std::ptr::eq(current.local.get(), local) {
            current.core.set(null());
            give_back(current.local.replace(null()));
        }
    });
}
