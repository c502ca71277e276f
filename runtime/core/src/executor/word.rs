//! The word that other threads write: what they did to a task since its owner last looked.
//!
//! ```text
//!   63                            8  7        6       5        4      3       2      1        0
//!  +-------------------------------+--------+-------+--------+------+-------+------+--------+------+
//!  |  wakers cloned minus dropped  | CANCEL | TAKEN | DETACH | JOIN | ABORT | WAKE | QUEUED | DEAD |
//!  +-------------------------------+--------+-------+--------+------+-------+------+--------+------+
//! ```
//!
//! Whoever turns `QUEUED` from 0 to 1 has to push the cell onto the loop's inbox, and nobody else may: the
//! bit owns the cell's inbox link. The true number of wakers is the owner's count plus this delta.
//!
//! `DEAD` is set by the owner when it has no further use for the cell while wakers are abroad. Until
//! then a dropped waker only lowers the delta; afterwards the drop has to send the cell home, because nobody
//! else will look at it again. A drop on a *live* cell must not set `QUEUED`: it would not unpark the
//! loop, and a wake that then finds the bit set would be lost.

use crate::sync::{AtomicU64, Ordering};

pub(super) const DEAD: u64 = 1 << 0;
pub(super) const QUEUED: u64 = 1 << 1;
/// Schedule the task.
pub(super) const WAKE: u64 = 1 << 2;
/// Drop the future instead of polling it.
pub(super) const ABORT: u64 = 1 << 3;
/// A joiner on another thread has left its waker in the cold part.
pub(super) const JOIN: u64 = 1 << 4;
/// The join handle was dropped on another thread.
pub(super) const DETACH: u64 = 1 << 5;
/// The join handle took the output on another thread.
pub(super) const TAKEN: u64 = 1 << 6;
/// Poll the task, and drop its future if it does not heed what it is asked; see `asking.rs`.
pub(super) const CANCEL: u64 = 1 << 7;

const SHIFT: u32 = 8;
const ONE: u64 = 1 << SHIFT;
/// A delta this large can only come from leaked clones; the process stops before it wraps.
const LIMIT: i64 = 1 << 54;

/// What a foreign operation leaves to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a cell whose QUEUED bit was set must be pushed"]
pub(super) enum Push {
    /// Nothing: the cell is on its way already, or need not travel.
    No,
    /// Push the cell; the loop may go on sleeping.
    Quietly,
    /// Push the cell and wake the loop.
    AndUnpark,
}

/// The foreign word; see the module's documentation.
#[derive(Debug)]
pub(super) struct Word(AtomicU64);

impl Word {
    pub(super) fn new(flags: u64) -> Word {
        Word(AtomicU64::new(flags))
    }

    /// Counts a cloned waker. Relaxed is enough, as for `Arc`: the clone is handed on by other means.
    pub(super) fn clone_ref(&self) {
        let old = self.0.fetch_add(ONE, Ordering::Relaxed);
        if delta(old) > LIMIT {
            std::process::abort();
        }
    }

    /// Counts a dropped waker. The release half orders our uses of the cell before its being freed; the
    /// acquire half is for the pusher that may have to settle the cell itself.
    pub(super) fn drop_ref(&self) -> Push {
        let mut old = self.0.load(Ordering::Relaxed);
        loop {
            let dead = old & DEAD != 0;
            let new = old.wrapping_sub(ONE) | if dead { QUEUED } else { 0 };
            match self.0.compare_exchange_weak(old, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) if dead && old & QUEUED == 0 => return Push::Quietly,
                Ok(_) => return Push::No,
                Err(now) => old = now,
            }
        }
    }

    /// Asks for a poll. Always a read-modify-write with release, even if the task is scheduled already, so
    /// that whatever was written before this wake is visible to the poll that follows.
    pub(super) fn wake_by_ref(&self) -> Push {
        let mut old = self.0.load(Ordering::Relaxed);
        loop {
            if old & DEAD != 0 {
                return Push::No;
            }
            let new = old | WAKE | QUEUED;
            match self.0.compare_exchange_weak(old, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) if old & QUEUED == 0 => return Push::AndUnpark,
                Ok(_) => return Push::No,
                Err(now) => old = now,
            }
        }
    }

    /// Asks for a poll and counts the waker as dropped, in one step.
    pub(super) fn wake(&self) -> Push {
        let mut old = self.0.load(Ordering::Relaxed);
        loop {
            if old & DEAD != 0 {
                return self.drop_ref();
            }
            let new = old.wrapping_sub(ONE) | WAKE | QUEUED;
            match self.0.compare_exchange_weak(old, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) if old & QUEUED == 0 => return Push::AndUnpark,
                Ok(_) => return Push::No,
                Err(now) => old = now,
            }
        }
    }

    /// Leaves a request (`ABORT`, `CANCEL`, `JOIN`, `DETACH`) for the owner of a cell that is not dead, or
    /// that may be (then an `ABORT` or `CANCEL` is moot, but harmless).
    pub(super) fn request(&self, flags: u64) -> Push {
        let old = self.0.fetch_or(flags | QUEUED, Ordering::AcqRel);
        if old & QUEUED == 0 { Push::AndUnpark } else { Push::No }
    }

    /// Notes that the output was taken; the cell need not travel for that.
    pub(super) fn note_taken(&self) {
        self.0.fetch_or(TAKEN, Ordering::AcqRel);
    }

    /// Whether the output was taken on another thread and the owner has not heard of it yet.
    pub(super) fn is_taken(&self) -> bool {
        self.0.load(Ordering::Relaxed) & TAKEN != 0
    }

    /// Takes everything that other threads left, and with it the duty of the `QUEUED` bit. Only for the
    /// cell's owner. Pairs with the release of every foreign operation.
    ///
    /// `TAKEN` stays: between a swap and the owner's note of it, the output would look untouched.
    pub(super) fn collect(&self) -> u64 {
        self.0.fetch_and(DEAD | TAKEN, Ordering::AcqRel)
    }

    /// The same, but an `ABORT` stays to be seen: whoever asked for it may ask whether it was.
    pub(super) fn collect_but_abort(&self) -> u64 {
        self.0.fetch_and(DEAD | TAKEN | ABORT, Ordering::AcqRel)
    }

    /// Looks, without writing, at what other threads left. The acquire pairs with their drops, so that a
    /// cell found untouched may be freed.
    #[inline(always)]
    pub(super) fn look(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Declares the cell dead and returns what other threads left.
    pub(super) fn bury(&self) -> u64 {
        self.0.fetch_or(DEAD, Ordering::AcqRel) | DEAD
    }

    /// After the loop has closed: takes everything but keeps `QUEUED`, which is now a lock on the cell, and
    /// `TAKEN`.
    pub(super) fn collect_locked(&self, dead: bool) -> u64 {
        if dead {
            self.0.fetch_or(DEAD, Ordering::AcqRel);
        }
        self.0.fetch_and(QUEUED | DEAD | TAKEN, Ordering::AcqRel)
    }

    /// After the loop has closed: lets go of the lock unless something arrived meanwhile.
    pub(super) fn unlock(&self, dead: bool) -> bool {
        let free = if dead { DEAD } else { 0 } | self.0.load(Ordering::Relaxed) & TAKEN;
        self.0.compare_exchange(QUEUED | free, free, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}

/// Wakers cloned minus wakers dropped.
#[inline]
pub(super) fn delta(word: u64) -> i64 {
    (word as i64) >> SHIFT
}
