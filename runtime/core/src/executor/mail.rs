//! What other threads send to a loop, and how its owner takes it in.
//!
//! A foreign operation on a cell changes its word; if that sets `QUEUED`, the operation pushes the cell onto
//! the inbox. The owner drains the inbox at the start of each turn and does to the cell what the word asks
//! for. If the loop is closed the pusher does so himself, see `close.rs`.
#![allow(unsafe_code)]

use crate::executor::close::settle;
use crate::executor::header::{CellPtr, Header, Kind};
use crate::executor::inbox::InboxClosed;
use crate::executor::life::{bury, detach, wake_remote_joiner};
use crate::executor::memory::free_anywhere;
use crate::executor::state::{
    self, FRESH, HIGH, LOW, PANIC, READY, REMOTE_JOIN, TAKEN, VALUE, is_dead,
};
use crate::executor::word::{self, Push};
use crate::executor::{Cold, Core, Special, TaskRef, schedule, traced};
use crate::local::Local;

/// Does what a foreign operation left to do.
///
/// # Safety
///
/// If `push` asks for it, the caller owns the cell's `QUEUED` bit; otherwise the cell is not touched.
#[inline]
pub(super) unsafe fn deliver(cell: CellPtr, push: Push) {
    if push != Push::No {
        // SAFETY: by contract.
        unsafe { send(cell, push == Push::AndUnpark) };
    }
}

/// Pushes a cell whose `QUEUED` bit the caller owns, or settles it if the loop is closed.
///
/// # Safety
///
/// As said.
#[cold]
unsafe fn send(cell: CellPtr, unpark: bool) {
    // SAFETY: a queued cell is alive, and a live cell keeps its `Core`.
    unsafe {
        let core = &*cell.as_ref().core;
        let unpark = unpark.then_some(&raw const core.unparker);
        if let Err(InboxClosed) = core.inbox.push(cell, unpark) {
            settle(cell);
        }
    }
}

/// Sends a new cell to its loop; `false` if the loop is closed, and the cell settled.
///
/// # Safety
///
/// The cell is `FRESH`, belongs to `core`, and its `QUEUED` bit is the caller's.
pub(super) unsafe fn submit(cell: CellPtr, core: &Core) -> bool {
    // SAFETY: by contract.
    unsafe {
        match core.inbox.push(cell, Some(&raw const core.unparker)) {
            Ok(()) => true,
            Err(InboxClosed) => {
                settle(cell);
                false
            }
        }
    }
}

/// Takes in what other threads sent.
pub(super) fn drain(local: &Local) {
    if local.executor.special.is_inspected() {
        return drain_noted(local);
    }
    for cell in local.core.inbox.take() {
        // SAFETY: the inbox hands out live cells of this loop, with their `QUEUED` bit; this is the owner's
        // thread.
        unsafe { receive(cell, local) };
    }
}

/// The same, where inspection is to be told.
#[cold]
fn drain_noted(local: &Local) {
    for cell in local.core.inbox.take() {
        // SAFETY: as above; a new task is in the run queue afterwards, and alive as long.
        unsafe {
            let header = cell.as_ref();
            let is_new = header.vtable.kind == Kind::Task && header.state.get() & FRESH != 0;
            local.executor.tally.set_draining(true);
            receive(cell, local);
            local.executor.tally.set_draining(false);
            if is_new {
                local.task_spawned(&TaskRef::new(cell));
            }
        }
    }
}

/// # Safety
///
/// Owner's thread, which owns the cell's `QUEUED` bit.
unsafe fn receive(cell: CellPtr, local: &Local) {
    // SAFETY: a queued cell is alive, and no-one but us can free it.
    let header = unsafe { cell.as_ref() };
    let state = header.state.get();
    if state & FRESH != 0 {
        header.state.remove(FRESH);
        local.executor.adopt();
        if header.vtable.kind == Kind::Job {
            // SAFETY: a job is run once and frees itself.
            unsafe { (header.vtable.run)(cell, local) };
            return;
        }
        if let Some(cold) = header.origin.existing() {
            heed_particulars(cold, state, local);
        }
        // SAFETY: a new task or callback: on no list, and `SCHEDULED` since it was made.
        unsafe {
            if header.vtable.kind == Kind::Task {
                local.executor.owned.link(cell);
                traced::begin(cell, local);
            }
            local.executor.queue.push(cell);
        }
    }
    let left = match header.vtable.kind {
        Kind::Callback | Kind::Timer => header.word.collect_but_abort(),
        _ => header.word.collect(),
    };
    header.state.count_add(word::delta(left));
    if left & word::TAKEN != 0 {
        note_taken(header);
    }
    if left & word::JOIN != 0 {
        header.state.insert(REMOTE_JOIN);
        if header.state.get() & READY != 0 {
            // The waker may drop the handle, here and now. A count of our own keeps the cell.
            header.state.count_up();
            // SAFETY: ready, and alive.
            unsafe { wake_remote_joiner(cell) };
            let _ = header.state.count_down();
        }
    }
    if left & word::DETACH != 0 {
        // SAFETY: the handle was there until now; it left its claim to us.
        unsafe { detach(cell) };
    }
    if left & (word::ABORT | word::CANCEL) != 0 {
        let aborted = if left & word::ABORT != 0 { state::ABORT } else { 0 };
        let cancelled = if left & word::CANCEL != 0 { state::CANCEL } else { 0 };
        header.state.insert(aborted | cancelled);
    }
    if left & (word::WAKE | word::ABORT | word::CANCEL) != 0 {
        // SAFETY: alive, owner's thread.
        unsafe { schedule(cell, local) };
    }
    if is_dead(header.state.get()) {
        // SAFETY: dead.
        unsafe { bury(cell, local) };
    }
}

/// Takes note of what is out of the ordinary about a new task or callback.
#[cold]
fn heed_particulars(cold: &Cold, state: u64, local: &Local) {
    if cold.context().is_some() {
        local.executor.observe(Special::CONTEXT);
    }
    if state & (HIGH | LOW) != 0 {
        local.executor.heed_priorities();
    }
}

pub(super) fn note_taken(header: &Header) {
    let state = header.state.get();
    header.state.set(state & !(VALUE | PANIC) | TAKEN);
}

/// Frees a job's cell, wherever it was run or refused.
///
/// # Safety
///
/// What the cell carried has been moved out or dropped; nobody else knows the cell.
pub(super) unsafe fn free_job(cell: CellPtr) {
    // SAFETY: by contract.
    unsafe {
        let layout = cell.as_ref().vtable.layout;
        drop(cell.as_ref().origin.take());
        free_anywhere(cell.cast(), layout);
    }
}
