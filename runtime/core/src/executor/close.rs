//! The end of a loop, and what becomes of the cells that others still hold.
//!
//! Every task is dropped on the loop's own thread. A cell that wakers or handles still refer to then takes a
//! count on the `Core` and is left to them: whoever sets its `QUEUED` bit finds the inbox closed and looks
//! after the cell himself, the bit being his lock.
#![allow(unsafe_code)]

use std::sync::Arc;

use crate::executor::callback::cancel_here;
use crate::executor::header::{CellPtr, Kind};
use crate::executor::life::{self, bury, detach, take_join_waker, wake_remote_joiner};
use crate::executor::mail::{drain, note_taken};
use crate::executor::memory::free_anywhere;
use crate::executor::panics::contain_quietly;
use crate::executor::special::Special;
use crate::executor::state::{
    self, DONE, FRESH, HANDLE, JOIN_WAKER, READY, SCHEDULED, is_dead, is_gone,
};
use crate::executor::{TaskRef, word};
use crate::local::{Local, install};
use crate::spans::Entered;

/// Closes the loop: aborts every task, refuses what others send from now on, and leaves the cells that are
/// still referenced to those who hold them.
///
/// The caller has made the loop current on this thread, so that whatever futures do in their
/// drops takes the owner's path; `leave` undoes that.
pub(super) fn close(local: &Local, leave: impl FnOnce()) {
    let half_closed = AbortOnUnwind;
    let executor = &local.executor;
    executor.special.insert(Special::CLOSING);
    // Without a root the loop can not be run any more, not even by a drop during close.
    let root = executor.root.take();
    loop {
        drain(local);
        // The queue holds no references, but `SCHEDULED` keeps cells from being freed.
        while let Some(cell) = executor.queue.pop() {
            // SAFETY: cells in the queue are alive; this one leaves it.
            unsafe {
                let header = cell.as_ref();
                if header.vtable.kind == Kind::Callback && header.state.get() & READY == 0 {
                    cancel_here(cell, local);
                }
                header.state.remove(SCHEDULED);
                if is_dead(cell.as_ref().state.get()) {
                    bury(cell, local);
                }
            }
        }
        let Some(cell) = executor.owned.first() else { break };
        // SAFETY: alive and unfinished, as everything on the list, and in no queue, which is empty.
        unsafe { abort_now(cell, local) };
        local.attend();
    }
    if let Some(root) = root {
        // SAFETY: the loop's own claim on the root cell ends here.
        unsafe {
            root.as_ref().state.insert(READY | DONE);
            root.as_ref().state.remove(HANDLE | SCHEDULED);
            bury(root, local);
        }
    }
    leave();
    let core = Arc::as_ptr(&local.core);
    for _ in 0..executor.live.get() {
        // SAFETY: `core` comes from an `Arc` that is alive, as do the pointers in all cells. Each remaining cell gives its count back in
        // `settle`.
        unsafe { Arc::increment_strong_count(core) };
    }
    for cell in local.core.inbox.close() {
        // SAFETY: taken from the inbox with its `QUEUED` bit; the loop is closed.
        unsafe { settle(cell) };
    }
    std::mem::forget(half_closed);
}

/// Ends the process if a panic passes through a close, of which one half would be missing: cells that outlive
/// their loop without a count on it. Whatever is called there contains its panics; what is left is code of the
/// user's that has no right to panic, such as an `Unpark`.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        eprintln!("a panic passed through the closing of a runtime");
        std::process::abort();
    }
}

/// Drops a task's future, or an armed callback's closure, at once.
///
/// # Safety
///
/// Owner's thread; the cell is alive, linked, unfinished, not being polled, and in no queue.
#[cold]
pub(super) unsafe fn abort_now(cell: CellPtr, local: &Local) {
    let current = local.executor.current.replace(Some(cell));
    // SAFETY: by contract; `run` drops the future of an aborted task.
    let outer = unsafe {
        let outer = install(cell.as_ref().origin.context());
        let running = TaskRef::new(cell);
        let entered = Entered::begin(local, Some(&running));
        cell.as_ref().state.insert(state::ABORT | SCHEDULED);
        (cell.as_ref().vtable.run)(cell, local);
        drop(entered);
        outer
    };
    let own = install(outer);
    // The cell may be gone, and what is dropped may ask.
    local.executor.current.set(current);
    contain_quietly(|| drop(own));
}

/// Looks after a cell of a closed loop, on any thread.
///
/// # Safety
///
/// The loop is closed and the caller owns the cell's `QUEUED` bit, which serves as a lock here. The cell may
/// be gone afterwards.
#[cold]
pub(super) unsafe fn settle(cell: CellPtr) {
    // SAFETY: a queued cell is alive.
    let header = unsafe { cell.as_ref() };
    if header.state.get() & FRESH != 0 {
        // SAFETY: fresh, and ours by its `QUEUED` bit.
        unsafe { (header.vtable.refuse)(cell) };
        return;
    }
    loop {
        let left = header.word.collect_locked(is_dead(header.state.get()));
        header.state.count_add(word::delta(left));
        if left & word::TAKEN != 0 {
            note_taken(header);
        }
        if left & word::JOIN != 0 {
            // SAFETY: every task of a closed loop is ready.
            unsafe { wake_remote_joiner(cell) };
        }
        if left & word::DETACH != 0 {
            // SAFETY: the handle left its claim to us.
            unsafe { detach(cell) };
        }
        let state = header.state.get();
        if is_gone(state) {
            // SAFETY: dead and no waker: nobody can reach the cell. Its own count on the core goes last.
            unsafe {
                let core = header.core;
                let layout = header.vtable.layout;
                let cold = header.origin.take();
                free_anywhere(cell.cast(), layout);
                Arc::decrement_strong_count(core);
                contain_quietly(|| drop(cold));
            }
            return;
        }
        if header.word.unlock(is_dead(state)) {
            return;
        }
    }
}

/// Settles a task that came too late, after its future was dropped.
///
/// # Safety
///
/// The loop is closed, the cell `FRESH`, its `QUEUED` bit the caller's. `outcome` is what the stage holds.
pub(super) unsafe fn settle_refused(cell: CellPtr, outcome: u64) {
    // SAFETY: by contract. The core is alive: the caller has a handle, or is the loop that closes. The cell
    // takes a count on it, as those did that were alive at close.
    unsafe {
        let header = cell.as_ref();
        Arc::increment_strong_count(header.core);
        header.state.remove(FRESH | SCHEDULED);
        header.state.insert(READY | DONE | outcome);
        if header.state.get() & JOIN_WAKER != 0 {
            // Its handle was polled on this thread before the loop would have accepted it. `QUEUED` keeps the
            // cell.
            let waker = take_join_waker(cell);
            contain_quietly(|| waker.wake());
        }
        if header.state.get() & HANDLE == 0 {
            // Its handle has gone in the same way, and nobody else asks for what there is.
            life::empty(cell);
        }
        settle(cell);
    }
}
