//! The owner's word of a task: what the loop's own thread knows about it.
//!
//! Only the thread that owns the loop writes this word (after the loop has closed: whoever holds the
//! cell's `QUEUED` bit). It is therefore never read-modify-written atomically; loads and stores are
//! plain moves on every machine. It is an atomic only so that other threads may *look*: a store that
//! sets [`READY`] releases the output, and a foreign join handle that acquires it may take that output.
//!
//! ```text
//!   63                             20 19                           0
//!  +---------------------------------+------------------------------+
//!  |  wakers counted here (signed)   |            flags             |
//!  +---------------------------------+------------------------------+
//! ```

use crate::sync::{AtomicU64, Ordering};

/// The task waits in the run queue, or is about to be put there by its creator.
pub(super) const SCHEDULED: u64 = 1 << 0;
/// The outcome is settled: a value, a panic, or (neither bit set) a cancellation.
pub(super) const READY: u64 = 1 << 1;
/// Completion has run the last user code that it had to run; the cell may be freed.
pub(super) const DONE: u64 = 1 << 2;
/// A join handle exists, and the output belongs to it.
pub(super) const HANDLE: u64 = 1 << 3;
/// The future is to be dropped instead of polled.
pub(super) const ABORT: u64 = 1 << 4;
/// The cell holds an output value that nobody has taken.
pub(super) const VALUE: u64 = 1 << 5;
/// The cell holds a panic payload that nobody has taken.
pub(super) const PANIC: u64 = 1 << 6;
/// The output has been taken by the join handle.
pub(super) const TAKEN: u64 = 1 << 7;
/// A waker of a local joiner is stored in the header.
pub(super) const JOIN_WAKER: u64 = 1 << 8;
/// A joiner on another thread left its waker in the cold part.
pub(super) const REMOTE_JOIN: u64 = 1 << 9;
/// The cell was made by another thread and has not been accepted by the loop yet.
pub(super) const FRESH: u64 = 1 << 10;
/// The task is asked to end, and has to be polled as `asking.rs` says.
pub(super) const CANCEL: u64 = 1 << 11;
/// All that the task does is to wait for a blocking job.
pub(super) const JOB: u64 = 1 << 12;
/// The task goes before others; see `order.rs`.
pub(super) const HIGH: u64 = 1 << 13;
/// The task lets others go before it.
pub(super) const LOW: u64 = 1 << 14;
/// The task has a span, and wakers that tell of themselves.
#[cfg_attr(not(feature = "tracing"), allow(dead_code))]
pub(super) const TRACED: u64 = 1 << 15;
/// Inspection counts the task's wakes, and asks who awaits it; see `noted.rs`.
pub(super) const NOTED: u64 = 1 << 16;

/// The future of an unfinished task is being dropped.
pub(super) const ABANDONED: u64 = 1 << 17;

/// One counted waker.
pub(super) const ONE: u64 = 1 << COUNT_SHIFT;
const COUNT_SHIFT: u32 = 20;
/// What has to vanish before a cell is dead, and the `DONE` that has to be there.
const LIFE: u64 = DONE | HANDLE | SCHEDULED;

/// The owner's word; see the module's documentation.
#[derive(Debug)]
pub(super) struct State(AtomicU64);

impl State {
    pub(super) fn new(flags: u64) -> State {
        State(AtomicU64::new(flags))
    }

    /// Reads the word on the thread that owns it.
    #[inline(always)]
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Reads the word on any thread; pairs with the release in [`State::set`], so that what was written
    /// before a flag was set is visible once the flag is seen.
    #[inline]
    pub(super) fn look(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Writes the word on the thread that owns it; releases what was written before.
    #[inline(always)]
    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Release);
    }

    /// Sets flags on the thread that owns the word.
    #[inline(always)]
    pub(super) fn insert(&self, flags: u64) {
        self.set(self.get() | flags);
    }

    /// Clears flags on the thread that owns the word.
    #[inline(always)]
    pub(super) fn remove(&self, flags: u64) {
        self.set(self.get() & !flags);
    }

    /// Counts one more waker; aborts the process before the count can wrap.
    #[inline(always)]
    pub(super) fn count_up(&self) {
        match (self.get() as i64).checked_add(ONE as i64) {
            Some(state) => self.set(state as u64),
            None => std::process::abort(),
        }
    }

    /// Counts one waker less and returns the word as it stands now.
    #[inline(always)]
    #[must_use = "the last drop of a dead cell frees it"]
    pub(super) fn count_down(&self) -> u64 {
        let state = self.get().wrapping_sub(ONE);
        self.set(state);
        state
    }

    /// Adds what other threads counted.
    pub(super) fn count_add(&self, delta: i64) {
        match delta.checked_mul(ONE as i64).and_then(|sum| (self.get() as i64).checked_add(sum)) {
            Some(state) => self.set(state as u64),
            None => std::process::abort(),
        }
    }
}

/// The wakers counted in a word; negative when other threads cloned what was dropped here.
#[inline]
pub(super) fn count(state: u64) -> i64 {
    (state as i64) >> COUNT_SHIFT
}

/// Whether neither the executor nor a join handle has any use for the cell; wakers may still hold it.
#[inline(always)]
pub(super) fn is_dead(state: u64) -> bool {
    state & LIFE == DONE
}

/// Whether the cell is dead and no waker is counted here: it is gone unless other threads know of it.
#[inline(always)]
pub(super) fn is_gone(state: u64) -> bool {
    state & (LIFE | !(ONE - 1)) == DONE
}

/// Whether the join handle is all that holds a finished cell, and nothing is left in it to drop.
#[inline(always)]
pub(super) fn is_only_held(state: u64) -> bool {
    const MOOT: u64 = READY
        | TAKEN
        | ABORT
        | CANCEL
        | REMOTE_JOIN
        | JOB
        | HIGH
        | LOW
        | TRACED
        | NOTED
        | ABANDONED;
    state & !MOOT == DONE | HANDLE
}
