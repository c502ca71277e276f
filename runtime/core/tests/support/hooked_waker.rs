//! A waker that runs code of the test whenever it is cloned, woken or dropped, as a foreign executor's may.

#![allow(unsafe_code)]

use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

type Hook = Box<dyn Fn() + Send + Sync>;

/// What to call, and when.
pub(crate) struct Hooks {
    pub(crate) on_clone: Hook,
    pub(crate) on_wake: Hook,
    pub(crate) on_drop: Hook,
}

impl Default for Hooks {
    fn default() -> Hooks {
        Hooks { on_clone: Box::new(|| ()), on_wake: Box::new(|| ()), on_drop: Box::new(|| ()) }
    }
}

/// The waker. `on_drop` is called for each clone.
pub(crate) fn hooked_waker(hooks: Hooks) -> Waker {
    let data = Arc::into_raw(Arc::new(hooks)).cast::<()>();
    // SAFETY: the functions of the table uphold the contract of `RawWaker`: each waker holds one count of the
    // `Arc`, and the hooks are `Send` and `Sync`.
    unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: the waker that is cloned holds a count during the call.
        let hooks = unsafe { &*data.cast::<Hooks>() };
        // A hook that panics makes no clone.
        (hooks.on_clone)();
        // SAFETY: as above; the new count is the clone's.
        unsafe { Arc::increment_strong_count(data.cast::<Hooks>()) };
        RawWaker::new(data, &VTABLE)
    },
    |data| {
        // SAFETY: the waker's count passes to us.
        let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
        (hooks.on_wake)();
        (hooks.on_drop)();
    },
    |data| {
        // SAFETY: the waker holds a count during the call.
        let hooks = unsafe { &*data.cast::<Hooks>() };
        (hooks.on_wake)();
    },
    |data| {
        // SAFETY: the waker's count passes to us.
        let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
        (hooks.on_drop)();
    },
);
