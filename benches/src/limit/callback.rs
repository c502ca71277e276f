//! Callbacks: a box in the run queue beside the tasks, or one that waits for its timer.

use std::{
    cell::Cell,
    pin::Pin,
    ptr,
    task::{RawWaker, RawWakerVTable, Waker},
    time::Duration,
};

use super::{
    queue,
    task::{Header, Kind},
    timer::{Sleep, sleep},
};

/// A function that is queued as if it were a task.
#[repr(C)]
struct Callback<F> {
    header: Header,
    function: F,
}

impl<F: FnOnce()> Callback<F> {
    const KIND: Kind = Kind::of_callback(run::<F>);
}

/// Puts a function on this thread's queue.
#[inline]
pub(crate) fn call_soon<F: FnOnce() + 'static>(function: F) {
    let callback = Box::new(Callback { header: Header::new(&Callback::<F>::KIND), function });
    // SAFETY: the callback is new, so alive and in no queue; `run` frees it once it is out of the queue.
    unsafe { queue::push(Box::into_raw(callback).cast::<Header>().cast_const()) };
}

unsafe fn run<F: FnOnce()>(callback: *const Header) {
    // SAFETY: made by `call_soon` of this `F`; the queue gave it back, and holds it no more.
    let callback = unsafe { Box::from_raw(callback.cast_mut().cast::<Callback<F>>()) };
    (callback.function)();
}

/// A function that waits for its timer, and is disarmed when dropped.
pub(crate) struct Later<F: FnOnce()> {
    sleep: Sleep,
    function: Cell<Option<F>>,
}

/// Arms a function; it stays armed as long as what is returned lives.
#[inline]
pub(crate) fn call_later<F: FnOnce()>(delay: Duration, function: F) -> Pin<Box<Later<F>>> {
    let later = Box::pin(Later { sleep: sleep(delay), function: Cell::new(Some(function)) });
    let data = ptr::from_ref::<Later<F>>(&later).cast();
    // SAFETY: the vtable fits; the sleep, which alone has the waker, is a part of what `data` leads to.
    let waker = unsafe { Waker::new(data, &Later::<F>::VTABLE) };
    // SAFETY: `later` is pinned, and so is its sleep, which is not moved out of it.
    unsafe { later.as_ref().map_unchecked(|later| &later.sleep) }.arm(waker);
    later
}

impl<F: FnOnce()> Later<F> {
    const VTABLE: RawWakerVTable = RawWakerVTable::new(no_clone, fire::<F>, fire::<F>, ignore);
}

unsafe fn fire<F: FnOnce()>(data: *const ()) {
    // SAFETY: a sleep that fires is alive, and so is the `Later` around it.
    let function = unsafe { (*data.cast::<Later<F>>()).function.take() };
    if let Some(function) = function {
        function();
    }
}

fn no_clone(_: *const ()) -> RawWaker {
    unreachable!("a timer never clones its waker")
}

fn ignore(_: *const ()) {}
