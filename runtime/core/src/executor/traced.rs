//! Tasks with a span: giving them one, and the wakers that tell of themselves.
#![allow(unsafe_code)]

use std::task::{RawWaker, RawWakerVTable};

use crate::current;
use crate::executor::header::CellPtr;
use crate::executor::{state, waker};
use crate::local::Local;
use crate::spans::{Description, WakerOp};

/// The flag of a task that has a span.
pub(super) const MARK: u64 = state::TRACED;

/// What the wakers of such a task do. No other part of the loop takes them for wakers of ours, so nothing is
/// done to them that they do not hear of.
pub(super) static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// Gives a new task a span, if the loop has subscribers that want one, and will run it.
///
/// # Safety
///
/// Owner's thread; the cell is a task, alive, and has not been polled.
#[inline(always)]
pub(super) unsafe fn begin(cell: CellPtr, local: &Local) {
    if local.executor.special.is_traced() && !local.executor.special.is_closing() {
        // SAFETY: by contract.
        unsafe { begin_now(cell) };
    }
}

#[cold]
#[inline(never)]
unsafe fn begin_now(cell: CellPtr) {
    // SAFETY: by contract.
    let header = unsafe { cell.as_ref() };
    if header.state.get() & state::JOB != 0 {
        // The job has a span of its own.
        return;
    }
    let cold = header.origin.cold();
    let description = Description {
        kind: "task",
        id: Some(cold.id.number()),
        name: cold.name.as_deref(),
        location: cold.location,
        size: Some(header.vtable.layout.size() - header.vtable.stage),
    };
    if cold.spans.begin(&description) {
        header.state.insert(MARK);
    }
}

/// # Safety
///
/// `data` is the data of a waker of a task.
unsafe fn tell(data: *const (), op: WakerOp) {
    // SAFETY: by contract; the waker keeps the cell alive.
    let header = unsafe { waker::cell(data).as_ref() };
    if let Some(cold) = header.origin.existing() {
        cold.spans.tell(op, current::is_owner(header.core));
    }
}

/// # Safety
///
/// As for a function of `RawWakerVTable`.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: by contract.
    unsafe {
        tell(data, WakerOp::Clone);
        waker::retain(waker::cell(data));
    }
    RawWaker::new(data, &VTABLE)
}

/// # Safety
///
/// As for `clone`.
unsafe fn wake(data: *const ()) {
    // SAFETY: by contract. What is told comes first, for the waker may be the last.
    unsafe {
        tell(data, WakerOp::Wake);
        waker::wake(data);
    }
}

/// # Safety
///
/// As for `clone`.
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: by contract.
    unsafe {
        tell(data, WakerOp::WakeByRef);
        waker::awaken(waker::cell(data));
    }
}

/// # Safety
///
/// As for `clone`.
unsafe fn drop(data: *const ()) {
    // SAFETY: by contract.
    unsafe {
        tell(data, WakerOp::Drop);
        waker::discard(waker::cell(data));
    }
}
