//! Wakers that pass a wake on to somebody else, of whom inspection is to know.
//!
//! All of them have one vtable, so that whoever finds such a waker can see what is behind it: a collection of
//! joins, say, and who waits for that.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// What wakes are passed on to.
pub(crate) trait Relay: Send + Sync + 'static {
    /// Passes on a wake of the waker with this key.
    fn pass(&self, key: usize);

    /// Shows the waker of whoever waits for it. What is called does not touch it, nor comes back here.
    fn show_waiter(&self, f: &mut dyn FnMut(&Waker));
}

/// What a waker stands for.
struct Place {
    key: usize,
    to: Arc<dyn Relay>,
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// A waker that passes wakes on, with a key by which it is told from others.
pub(crate) fn relay(key: usize, to: Arc<dyn Relay>) -> Waker {
    let data = Arc::into_raw(Arc::new(Place { key, to }));
    // SAFETY: the functions of the vtable keep the contract of `RawWaker`: each takes `data` for the pointer
    // of an `Arc<Place>`, and keeps its count. A `Place` is `Send` and `Sync`, as is what it leads to.
    unsafe { Waker::from_raw(RawWaker::new(data.cast(), &VTABLE)) }
}

/// Where a waker passes wakes on to, if it is one of these.
pub(super) fn behind(waker: &Waker) -> Option<&dyn Relay> {
    let is_relay = std::ptr::eq(waker.vtable(), &VTABLE);
    // SAFETY: with this vtable the data is that of an `Arc<Place>`, of which the waker has a count.
    is_relay.then(|| unsafe { &*(*waker.data().cast::<Place>()).to })
}

/// # Safety
///
/// As for a function of `RawWakerVTable`, with the data of a waker made here.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: by contract; the count is that of the clone.
    unsafe { Arc::increment_strong_count(data.cast::<Place>()) };
    RawWaker::new(data, &VTABLE)
}

/// # Safety
///
/// As for [`clone`]. The waker's count ends here.
unsafe fn wake(data: *const ()) {
    // SAFETY: by contract.
    let place = unsafe { Arc::from_raw(data.cast::<Place>()) };
    place.to.pass(place.key);
}

/// # Safety
///
/// As for [`clone`].
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: by contract; the count remains the waker's.
    let place = ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Place>()) });
    place.to.pass(place.key);
}

/// # Safety
///
/// As for [`clone`]. The waker's count ends here.
unsafe fn drop(data: *const ()) {
    // SAFETY: by contract.
    std::mem::drop(unsafe { Arc::from_raw(data.cast::<Place>()) });
}
