//! The waker vtable of all tasks but those that are traced, see `traced.rs`.
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::current;
use crate::executor::header::CellPtr;
use crate::executor::panics::contain_quietly;
use crate::executor::state::{HIGH, LOW, NOTED, READY, SCHEDULED, is_dead};
use crate::executor::{Core, life, mail, noted, schedule, traced};
use crate::local::Local;

pub(super) static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// A waker that borrows the cell for the length of a poll; it is not counted unless it is cloned.
#[inline(always)]
pub(super) fn borrowed(cell: CellPtr) -> ManuallyDrop<Waker> {
    // SAFETY: the vtable upholds the contract of `RawWaker`. Not counted, hence never dropped; the cell
    // outlives the poll.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw(cell)) })
}

/// The same, with one of the vtables for tasks.
#[inline(always)]
pub(super) fn borrowed_by(cell: CellPtr, vtable: &'static RawWakerVTable) -> ManuallyDrop<Waker> {
    let raw = RawWaker::new(cell.as_ptr().cast_const().cast(), vtable);
    // SAFETY: as above.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw) })
}

#[inline(always)]
fn raw(cell: CellPtr) -> RawWaker {
    RawWaker::new(cell.as_ptr().cast_const().cast(), &VTABLE)
}

/// # Safety
///
/// `data` is the data of a waker made here.
#[inline(always)]
pub(super) unsafe fn cell(data: *const ()) -> CellPtr {
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
pub(super) unsafe fn wake(data: *const ()) {
    // SAFETY: by contract; the waker's count passes to the callee.
    unsafe {
        let cell = cell(data);
        match current::owner(cell.as_ref().core) {
            Some(local) => wake_owned(cell, local),
            None => mail::deliver(cell, cell.as_ref().word.wake()),
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

/// Whether a waker is one of ours; then what it does is known without a call through its vtable.
#[inline(always)]
pub(crate) fn is_ours(waker: &Waker) -> bool {
    std::ptr::eq(waker.vtable(), &VTABLE)
}

/// Whether a waker is one of ours that wakes something of the current loop: that runs no code but our own.
pub(crate) fn is_of_current(waker: &Waker) -> bool {
    // SAFETY: a waker of ours has a cell for its data, and keeps it alive.
    is_ours(waker) && current::is_owner(unsafe { cell(waker.data()).as_ref() }.core)
}

/// The cell that a waker of ours, or of a traced task's, would wake.
pub(super) fn cell_of(waker: &Waker) -> Option<CellPtr> {
    let ours = is_ours(waker) || std::ptr::eq(waker.vtable(), &traced::VTABLE);
    // SAFETY: either vtable has a cell for its data.
    ours.then(|| unsafe { cell(waker.data()) })
}

/// Clones a waker of a task of the current loop, which `core` belongs to; that runs no code but our own.
#[inline(always)]
pub(super) fn clone_ours(waker: &Waker, core: *const Core) -> Option<Waker> {
    if !is_ours(waker) {
        return None;
    }
    // SAFETY: ours, and alive. What is counted here is the clone that is returned.
    unsafe {
        let cell = cell(waker.data());
        if cell.as_ref().core != core {
            return None;
        }
        cell.as_ref().state.count_up();
        Some(Waker::from_raw(raw(cell)))
    }
}

/// The flags by which a waker's task is more or less urgent, if it is a task of the current loop, which
/// `core` belongs to.
pub(super) fn priority(waker: &Waker, core: *const Core) -> Option<u64> {
    if !is_ours(waker) || !current::is_owner(core) {
        return None;
    }
    // SAFETY: ours, and alive by the waker.
    let header = unsafe { cell(waker.data()).as_ref() };
    (header.core == core).then(|| header.state.get() & (HIGH | LOW))
}

/// Wakes on the thread of the current loop, which `core` belongs to; a panic of a foreign waker goes no
/// further.
#[inline(always)]
pub(super) fn wake_here(waker: Waker, core: *const Core, local: &Local) {
    if is_ours(&waker) {
        // SAFETY: ours, and alive; the waker's own count is given back, and it is not dropped.
        unsafe {
            let cell = cell(waker.data());
            if cell.as_ref().core == core {
                std::mem::forget(waker);
                wake_owned(cell, local);
                return;
            }
        }
    }
    contain_quietly(|| waker.wake());
}

/// Runs a waker's task at once, unless it is queued or done; gives the waker back if it is not one of this
/// loop's, which `core` belongs to.
///
/// # Safety
///
/// Owner's thread; a cell's turn, and nothing is being polled.
pub(super) unsafe fn run_in_turn(
    waker: Waker,
    core: *const Core,
    local: &Local,
) -> Result<(), Waker> {
    if !is_ours(&waker) {
        return Err(waker);
    }
    // SAFETY: ours, and alive by its count until the end. As after a pop it is `SCHEDULED` and in no queue
    // when it is run.
    unsafe {
        let cell = cell(waker.data());
        let header = cell.as_ref();
        if header.core != core {
            return Err(waker);
        }
        let state = header.state.get();
        if state & (SCHEDULED | READY) == 0 {
            header.state.set(state | SCHEDULED);
            local.executor.current.set(Some(cell));
            local.executor.refill_budget();
            (header.vtable.run)(cell, local);
        }
    }
    std::mem::drop(waker);
    Ok(())
}

/// Schedules the task and gives a reference back, in one step.
///
/// # Safety
///
/// Owner's thread; the caller holds a reference and does not use it again.
#[inline(always)]
unsafe fn wake_owned(cell: CellPtr, local: &Local) {
    // SAFETY: alive by contract; scheduled, it stays alive without the reference.
    unsafe {
        let state = cell.as_ref().state.count_down();
        if state & (SCHEDULED | READY | NOTED) == 0 {
            cell.as_ref().state.set(state | SCHEDULED);
            local.executor.queue.push(cell);
        } else if is_dead(state) {
            life::bury(cell, local);
        } else if state & (SCHEDULED | READY) == 0 {
            noted::schedule(cell, local);
        }
    }
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
    if current::is_owner(header.core) {
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
        match current::owner(cell.as_ref().core) {
            Some(local) => schedule(cell, local),
            None => mail::deliver(cell, cell.as_ref().word.wake_by_ref()),
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
        match current::owner(cell.as_ref().core) {
            Some(local) => life::release(cell, local),
            None => mail::deliver(cell, cell.as_ref().word.drop_ref()),
        }
    }
}
