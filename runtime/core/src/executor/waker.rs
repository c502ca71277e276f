//! The one waker vtable of all tasks.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::context;
use crate::executor::header::CellPtr;
use crate::executor::{life, schedule};

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// A waker that borrows the cell for the length of a poll; it is not counted unless it is cloned.
#[inline(always)]
pub(super) fn borrowed(cell: CellPtr) -> ManuallyDrop<Waker> {
    // SAFETY: the vtable upholds the contract of `RawWaker`. Not counted, hence never dropped; the cell
    // outlives the poll.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw(cell)) })
}

#[inline(always)]
fn raw(cell: CellPtr) -> RawWaker {
    RawWaker::new(cell.as_ptr().cast_const().cast(), &VTABLE)
}

/// # Safety
///
/// `data` is the data of a waker made here.
#[inline(always)]
unsafe fn cell(data: *const ()) -> CellPtr {
    // SAFETY: wakers are made from a `CellPtr` only, which is not null.
    unsafe { CellPtr::new_unchecked(data.cast_mut().cast()) }
}

/// # Safety
///
/// As for a function of `RawWakerVTable`: the waker is live, so the cell is.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: by contract.
    unsafe {
        let cell = cell(data);
        retain(cell);
        raw(cell)
    }
}

/// # Safety
///
/// As for `clone`.
unsafe fn wake(data: *const ()) {
    // SAFETY: by contract; the waker's count passes to the callee.
    unsafe {
        let cell = cell(data);
        match context::owner(cell.as_ref().core) {
            Some(local) => {
                schedule(cell, local);
                life::release(cell, local);
            }
            None => life::deliver(cell, cell.as_ref().word.wake()),
        }
    }
}

/// # Safety
///
/// As for `clone`.
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: by contract.
    unsafe { awaken(cell(data)) }
}

/// # Safety
///
/// As for `clone`.
unsafe fn drop(data: *const ()) {
    // SAFETY: by contract; the waker's count ends here.
    unsafe { discard(cell(data)) }
}

/// Counts one more reference.
///
/// # Safety
///
/// The caller holds a reference, or runs the cell.
#[inline(always)]
pub(super) unsafe fn retain(cell: CellPtr) {
    // SAFETY: alive by contract.
    let header = unsafe { cell.as_ref() };
    if context::is_owner(header.core) {
        header.state.count_up();
    } else {
        header.word.clone_ref();
    }
}

/// Schedules the task.
///
/// # Safety
///
/// The caller holds a reference.
#[inline(always)]
pub(super) unsafe fn awaken(cell: CellPtr) {
    // SAFETY: alive by contract.
    unsafe {
        match context::owner(cell.as_ref().core) {
            Some(local) => schedule(cell, local),
            None => life::deliver(cell, cell.as_ref().word.wake_by_ref()),
        }
    }
}

/// Gives a reference back.
///
/// # Safety
///
/// The caller holds a reference and does not use it again.
#[inline(always)]
pub(super) unsafe fn discard(cell: CellPtr) {
    // SAFETY: alive by contract.
    unsafe {
        match context::owner(cell.as_ref().core) {
            Some(local) => life::release(cell, local),
            None => life::deliver(cell, cell.as_ref().word.drop_ref()),
        }
    }
}
