//! Asking a task to end, or making it: how the request gets to it, and what is made of its answer.
//!
//! ```text
//!   cancel:    count the request ──► CANCEL, scheduled        (abroad: word::CANCEL, by the inbox)
//!
//!   its turn:  CANCEL ──► wake who listens ──► poll once ──► completed:  nothing
//!                                                       ├──► heard:      the task does as it likes
//!                                                       └──► ignored:    ABORT, and its future is dropped
//! ```
//!
//! A task that is asked is run on the path of those that are aborted, so nobody else pays for it. The poll
//! goes through the vtable, for the reason that `proxy.rs` gives.
//!
//! The main future has no turn of this kind. Who listens in it is woken, and what becomes of it is decided by
//! whoever wrapped it, see `task::run_until_cancelled`.
#![allow(unsafe_code)]

use crate::current;
use crate::executor::cancellation::{Reason, Verdict};
use crate::executor::header::CellPtr;
use crate::executor::panics::contain_quietly;
use crate::executor::state::{ABORT, CANCEL, READY, SCHEDULED};
use crate::executor::word;
use crate::executor::{life, mail, schedule};
use crate::local::Local;

/// Asks a task to end; `false` if it has. With `first_only`, a task that was asked before is left alone.
///
/// # Safety
///
/// The caller keeps the cell alive.
pub(super) unsafe fn cancel(
    cell: CellPtr,
    reason: impl FnOnce() -> Reason,
    first_only: bool,
) -> bool {
    // SAFETY: by contract.
    let header = unsafe { cell.as_ref() };
    if header.state.look() & READY != 0 {
        return false;
    }
    if header.origin.cold().cancellation.request(reason, first_only) {
        // SAFETY: by contract.
        unsafe { ask(cell) };
    }
    true
}

/// Has a task look at its requests.
///
/// # Safety
///
/// The caller keeps the cell alive.
pub(super) unsafe fn ask(cell: CellPtr) {
    // SAFETY: by contract.
    unsafe { schedule_with(cell, CANCEL, word::CANCEL) }
}

/// Has a task's future dropped at its next turn.
///
/// # Safety
///
/// The caller keeps the cell alive.
pub(super) unsafe fn abort(cell: CellPtr) {
    // SAFETY: by contract.
    unsafe { schedule_with(cell, ABORT, word::ABORT) }
}

/// Marks a task that has not ended with `flag` and schedules it; abroad, has the loop do so by way of
/// `request`.
///
/// # Safety
///
/// The caller keeps the cell alive.
#[inline]
unsafe fn schedule_with(cell: CellPtr, flag: u64, request: u64) {
    // SAFETY: by contract. The owner, if any, is not kept across user code.
    unsafe {
        let header = cell.as_ref();
        match current::owner(header.core) {
            Some(local) => {
                if header.state.get() & READY == 0 {
                    header.state.insert(flag);
                    schedule(cell, local);
                }
            }
            None => {
                if header.state.look() & READY == 0 {
                    mail::deliver(cell, header.word.request(request));
                }
            }
        }
    }
}

/// Polls a task that was asked to end, and drops its future if nobody in there heard of it.
///
/// # Safety
///
/// As for a `run` of a task's vtable, with `SCHEDULED` cleared; neither `READY` nor `ABORT`.
#[cold]
pub(super) unsafe fn deliver(cell: CellPtr, local: &Local) {
    // SAFETY: alive by contract, and until the end by a count of our own.
    let header = unsafe { cell.as_ref() };
    header.state.count_up();
    // As after a pop, so that no waker queues the cell.
    header.state.insert(SCHEDULED);
    let cancellation = &header.origin.cold().cancellation;
    let (number, wakers) = cancellation.begin();
    for waker in wakers {
        contain_quietly(|| waker.wake());
    }
    // What a waker asked for is in this delivery, or is an abort.
    header.state.remove(CANCEL);
    // SAFETY: owner's thread; `SCHEDULED`, in no queue, unfinished, as `run` has it. It is polled at most
    // once more, unless it is `READY` or, with `SCHEDULED`, queued.
    unsafe {
        (header.vtable.run)(cell, local);
        let verdict = cancellation.conclude(number);
        let state = header.state.get();
        if state & READY == 0 {
            match verdict {
                Verdict::Heard => {}
                Verdict::Missed => header.state.insert(CANCEL),
                Verdict::Again => {
                    header.state.insert(CANCEL);
                    schedule(cell, local);
                }
                Verdict::Ignored if state & SCHEDULED != 0 => header.state.insert(ABORT),
                Verdict::Ignored => {
                    header.state.insert(ABORT | SCHEDULED);
                    (header.vtable.run)(cell, local);
                }
            }
        }
        life::release(cell, local);
    }
}

/// Asks the main future to end.
///
/// # Safety
///
/// Owner's thread; the cell is the root's.
pub(super) unsafe fn cancel_root(root: CellPtr, local: &Local, reason: Reason) {
    // SAFETY: the root lives as long as the loop is open.
    let cancellation = &unsafe { root.as_ref() }.origin.cold().cancellation;
    cancellation.request(|| reason, false);
    let (number, wakers) = cancellation.begin();
    let _ = cancellation.conclude(number);
    // SAFETY: owner's thread, alive.
    unsafe { schedule(root, local) };
    for waker in wakers {
        contain_quietly(|| waker.wake());
    }
}
