//! The life of a task, and who may end it.
//!
//! ```text
//!   spawn ──► SCHEDULED ──► run ──► Pending: waits for a wake ──► SCHEDULED ...
//!   (create)                 │
//!                            └────► Ready, panic or abort: complete
//!
//!   complete:  READY, unlink ──► wake the joiner, or drop the output ──► DONE ──► is_dead? ──► bury
//!                                (user code: may drop handle and wakers)
//!
//!   bury:      no waker here, none abroad (`word` is 0) ──► free
//!              else set DEAD: from now on a foreign drop sends the cell home ──► drain ──► bury
//!
//!   close:     every task aborted; cells that others still hold are left to them, see `close.rs`
//! ```
//!
//! What makes a use after free impossible: a cell is freed only when it is dead (`DONE`, no `HANDLE`, not
//! `SCHEDULED`: the executor and the join handle have let go), its true count of wakers is zero (no waker
//! exists that could touch it), and `QUEUED` is not set (no thread is about to push it, and it is on no
//! list).
#![allow(unsafe_code)]

use std::mem::ManuallyDrop;
use std::task::Waker;

use crate::current;
use crate::executor::header::{CellPtr, Header, stage};
use crate::executor::panics::{Payload, contain_quietly};
use crate::executor::state::{
    self, DONE, HANDLE, JOIN_WAKER, PANIC, READY, REMOTE_JOIN, TAKEN, VALUE, is_dead, is_gone,
};
use crate::executor::{waker, word};
use crate::local::Local;

/// Settles a task whose stage holds its outcome.
///
/// # Safety
///
/// Owner's thread; the cell is alive, linked, not `READY`, and `outcome` is `READY` plus what the stage
/// holds.
#[inline(always)]
pub(super) unsafe fn complete(cell: CellPtr, local: &Local, outcome: u64) {
    // SAFETY: alive by contract, and until `bury` below: not `DONE`.
    let header = unsafe { cell.as_ref() };
    // SAFETY: on the list since it was created or accepted.
    unsafe { local.executor.owned.unlink(cell) };
    let state = header.state.get() | outcome;
    header.state.set(state);
    if state & HANDLE == 0 {
        // SAFETY: no handle, so the output is ours.
        unsafe { drop_output(cell) };
    } else if state & (JOIN_WAKER | REMOTE_JOIN) == JOIN_WAKER {
        // SAFETY: owner's thread; the flag says that the slot is full.
        waker::wake_here(unsafe { take_join_waker(cell) }, header.core, local);
    } else if state & REMOTE_JOIN != 0 {
        // SAFETY: owner's thread.
        unsafe { wake_both_joiners(cell, local) };
    }
    // User code may have run: read the word again.
    let state = header.state.get() | DONE;
    header.state.set(state);
    if is_dead(state) {
        // SAFETY: owner's thread, dead.
        unsafe { bury(cell, local) };
    }
}

/// Wakes those who awaited the task here and on another thread; the handle was moved between them.
///
/// # Safety
///
/// Owner's thread; the cell is `READY` and stays alive during the call.
#[cold]
#[inline(never)]
unsafe fn wake_both_joiners(cell: CellPtr, local: &Local) {
    // SAFETY: by contract.
    unsafe {
        if cell.as_ref().state.get() & JOIN_WAKER != 0 {
            waker::wake_here(take_join_waker(cell), cell.as_ref().core, local);
        }
        wake_remote_joiner(cell);
    }
}

/// Wakes a joiner on another thread.
///
/// # Safety
///
/// Owner's thread, or `QUEUED` held after close; the cell is `READY` and stays alive during the call.
#[cold]
pub(super) unsafe fn wake_remote_joiner(cell: CellPtr) {
    // SAFETY: by contract.
    if let Some(cold) = unsafe { cell.as_ref() }.origin.existing() {
        // The guard must be gone before the waker runs.
        let waker = cold.joiner.lock().take();
        if let Some(waker) = waker {
            contain_quietly(|| waker.wake());
        }
    }
}

/// Takes the local joiner's waker out of the header.
///
/// # Safety
///
/// Owner's thread, or `QUEUED` held after close; `JOIN_WAKER` is set.
#[inline(always)]
pub(super) unsafe fn take_join_waker(cell: CellPtr) -> Waker {
    // SAFETY: by contract nobody else is in the slot now, and it is full until the flag falls here.
    unsafe {
        let header = cell.as_ref();
        header.state.remove(JOIN_WAKER);
        (*header.join_waker.get()).assume_init_read()
    }
}

/// Drops an output that nobody took. A panic that nobody took is reported.
///
/// # Safety
///
/// The output belongs to the caller, and the cell cannot be freed during the call.
#[inline(always)]
unsafe fn drop_output(cell: CellPtr) {
    // SAFETY: by contract.
    let header = unsafe { cell.as_ref() };
    let state = header.state.get();
    if state & (VALUE | PANIC) == 0 {
        return;
    }
    header.state.set(state & !(VALUE | PANIC) | TAKEN);
    if state & VALUE != 0 {
        // SAFETY: the flag says that the stage holds a value; it was cleared, so this happens once.
        contain_quietly(|| unsafe { (header.vtable.drop_value)(cell) });
    } else {
        // SAFETY: the flag says that the stage holds a payload.
        let payload = unsafe { take_panic(cell) };
        report(header, payload);
    }
}

/// Tells the loop of a task's panic that nobody will ever ask for.
#[cold]
pub(super) fn report(header: &Header, payload: Payload) {
    // SAFETY: not kept beyond this function, and no user code is run.
    match unsafe { current::owner(header.core) } {
        Some(local) => local.report_task(header.origin.cold(), payload),
        // SAFETY: a live cell keeps its `Core`.
        None => unsafe { &*header.core }.report_task(header.origin.cold(), payload),
    }
}

/// Moves the panic payload out of the stage.
///
/// # Safety
///
/// The stage holds one, and the caller sees to it that it is not taken again.
pub(super) unsafe fn take_panic(cell: CellPtr) -> Payload {
    // SAFETY: by contract; the payload's box lies at the beginning of the stage.
    unsafe { *ManuallyDrop::into_inner(stage(cell).cast::<ManuallyDrop<Box<Payload>>>().read()) }
}

/// Ends the join handle's claim.
///
/// # Safety
///
/// Owner's thread, or `QUEUED` held after close; `HANDLE` is set, and keeps the cell alive until it is
/// cleared here. The caller looks for death afterwards.
#[cold]
#[inline(never)]
pub(super) unsafe fn detach(cell: CellPtr) {
    // SAFETY: by contract. User code runs before `HANDLE` falls, lest it free the cell under us.
    unsafe {
        empty(cell);
        cell.as_ref().state.remove(HANDLE);
    }
}

/// Drops what a join handle leaves behind: the wakers of those who awaited, and the output.
///
/// # Safety
///
/// As for [`detach`]; `HANDLE` stays.
pub(super) unsafe fn empty(cell: CellPtr) {
    // SAFETY: by contract.
    unsafe {
        let header = cell.as_ref();
        let here = (header.state.get() & JOIN_WAKER != 0).then(|| take_join_waker(cell));
        // The guard must be gone before the waker is dropped.
        let abroad = header.origin.existing().and_then(|cold| cold.joiner.lock().take());
        if header.state.get() & READY != 0 {
            drop_output(cell);
        }
        contain_quietly(|| drop(here));
        contain_quietly(|| drop(abroad));
    }
}

/// Ends the join handle's claim on a task that has not finished, without the loop being current.
///
/// # Safety
///
/// Owner's thread, the loop is open; `HANDLE` is set and the caller's, `READY` is not. The cell may be gone
/// afterwards.
#[cold]
pub(super) unsafe fn detach_unfinished(cell: CellPtr) {
    // SAFETY: by contract. User code runs last, for it may end the cell.
    unsafe {
        let header = cell.as_ref();
        let here = (header.state.get() & JOIN_WAKER != 0).then(|| take_join_waker(cell));
        let abroad = header.origin.existing().and_then(|cold| cold.joiner.lock().take());
        header.state.remove(HANDLE);
        contain_quietly(|| drop(here));
        contain_quietly(|| drop(abroad));
    }
}

/// Gives one waker's count back on the owner's thread.
///
/// # Safety
///
/// Owner's thread; the caller held a counted reference and does not use it again.
#[inline(always)]
pub(super) unsafe fn release(cell: CellPtr, local: &Local) {
    // SAFETY: alive: the count was ours until now.
    let state = unsafe { cell.as_ref() }.state.count_down();
    if is_dead(state) {
        // SAFETY: dead; owner's thread.
        unsafe { bury(cell, local) };
    }
}

/// Frees a dead cell, or arranges that it comes home when the last foreign waker goes.
///
/// # Safety
///
/// Owner's thread; the cell is dead. It may be gone afterwards.
#[inline(always)]
pub(super) unsafe fn bury(cell: CellPtr, local: &Local) {
    // SAFETY: alive: only `free` and the settling after close free cells. Then by contract.
    unsafe {
        if is_gone(cell.as_ref().state.get()) && cell.as_ref().word.look() == 0 {
            free(cell, local);
        } else {
            bury_abroad(cell, local);
        }
    }
}

/// [`bury`] for cells that other threads know, or knew.
///
/// # Safety
///
/// As for [`bury`].
#[cold]
#[inline(never)]
unsafe fn bury_abroad(cell: CellPtr, local: &Local) {
    // SAFETY: alive: only `free` and the settling after close free cells.
    let header = unsafe { cell.as_ref() };
    let mut abroad = header.word.look();
    if abroad & word::DEAD == 0 {
        abroad = header.word.bury();
    }
    let queued = abroad & word::QUEUED != 0;
    if !queued && state::count(header.state.get()) + word::delta(abroad) == 0 {
        // SAFETY: dead, no waker anywhere, not queued.
        unsafe { free(cell, local) };
    }
}

/// Frees a cell that nobody can reach any more.
///
/// # Safety
///
/// Owner's thread; dead, no waker anywhere, not queued.
#[inline(always)]
pub(super) unsafe fn free(cell: CellPtr, local: &Local) {
    // SAFETY: by contract.
    unsafe {
        if cell.as_ref().origin.is_cold() {
            free_with_cold_part(cell, local);
        } else {
            free_memory(cell, local);
        }
    }
}

/// # Safety
///
/// As for [`free`].
#[cold]
#[inline(never)]
unsafe fn free_with_cold_part(cell: CellPtr, local: &Local) {
    if local.executor.current.get() == Some(cell) {
        // What the cold part drops may ask which task is current.
        local.executor.current.set(None);
    }
    // SAFETY: by contract. The cold part goes last: dropping it may be user code, which may close the loop.
    unsafe {
        let cold = cell.as_ref().origin.take();
        free_memory(cell, local);
        contain_quietly(|| drop(cold));
    }
}

/// # Safety
///
/// As for [`free`].
#[inline(always)]
unsafe fn free_memory(cell: CellPtr, local: &Local) {
    local.executor.count_live(-1);
    // SAFETY: by contract; it was allocated with this layout.
    unsafe {
        let vtable = cell.as_ref().vtable;
        local.executor.memory.free(cell.cast(), vtable.class, &vtable.layout);
    }
}
