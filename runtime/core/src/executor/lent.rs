//! A cell that other threads may look at while it is run.
//!
//! The owner *lends* a reference before it runs the cell, and takes it back afterwards: one plain store, one
//! exchange. Whoever looks holds the lock of the notes and marks the word as *seen*. An owner that finds the
//! mark when it takes the reference back goes through the lock, too, and so waits until nobody looks any
//! more:
//!
//! ```text
//!   owner     lend ─────────── runs the cell ─────────── take back: seen? ──► lock, unlock ──► drops it
//!   other           lock ──► mark ──► looks ──► unlock
//! ```
//!
//! A look that comes after the exchange finds nothing. One that came before it has left its mark, because
//! both change the same word.
#![allow(unsafe_code)]

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::{NonNull, null_mut};

use crate::executor::header::Header;
use crate::executor::task_ref::TaskRef;
use crate::sync::{AtomicPtr, Mutex, MutexGuard, Ordering};

/// Marks the word as seen. A `Header` is aligned to more than one byte.
const SEEN: usize = 1;

/// See the module's documentation. The notes are what those who look share with the owner.
pub(crate) struct Lent<N> {
    word: AtomicPtr<Header>,
    notes: Mutex<N>,
}

impl<N> Lent<N> {
    pub(crate) fn new(notes: N) -> Lent<N> {
        Lent { word: AtomicPtr::new(null_mut()), notes: Mutex::new(notes) }
    }

    /// Lets others look at the cell from now on. The owner's alone; what was lent before has been taken back.
    #[inline]
    pub(crate) fn lend(&self, cell: TaskRef) {
        // Release: what the owner wrote before is seen by those who look; pairs with the acquire in `look`.
        self.word.store(cell.into_cell().as_ptr(), Ordering::Release);
    }

    /// Takes the cell back, if there is one. If somebody has looked, `settle` is called with the notes, under
    /// their lock.
    #[inline]
    pub(crate) fn take_back(&self, settle: impl FnOnce(&mut N)) -> Option<TaskRef> {
        // Acquire: pairs with the release of the exchange that left the mark.
        let word = self.word.swap(null_mut(), Ordering::AcqRel);
        let cell = NonNull::new(unmarked(word))?;
        if is_seen(word) {
            settle(&mut self.notes.lock());
        }
        // SAFETY: `lend` gave up this very count, and the exchange returns it once. Nobody looks at the cell
        // any more: a look before the exchange has held the lock, which was ours since, and later ones find
        // null.
        Some(unsafe { TaskRef::from_cell(cell) })
    }

    /// Calls `f` with the cell that is being run, if one is; its owner keeps it meanwhile. Any thread's.
    pub(crate) fn look<R>(&self, f: impl FnOnce(&TaskRef, &mut N) -> R) -> Option<R> {
        let mut notes = self.notes.lock();
        let mut word = self.word.load(Ordering::Acquire);
        while !word.is_null() && !is_seen(word) {
            let seen = word.map_addr(|address| address | SEEN);
            match self.word.compare_exchange(word, seen, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => word = seen,
                Err(other) => word = other,
            }
        }
        let cell = NonNull::new(unmarked(word))?;
        // SAFETY: the word has the mark and was not taken back when it was read, so the owner, who will find
        // the mark, waits for the lock that is held here before it gives up the count.
        let cell = ManuallyDrop::new(unsafe { TaskRef::from_cell(cell) });
        Some(f(&cell, &mut notes))
    }

    /// Whether a cell is lent right now; it may not be in the next moment.
    pub(crate) fn is_lent(&self) -> bool {
        !self.word.load(Ordering::Acquire).is_null()
    }

    /// The notes. Whoever has them keeps the owner from taking a cell back that somebody has looked at.
    pub(crate) fn notes(&self) -> MutexGuard<'_, N> {
        self.notes.lock()
    }
}

impl<N> Drop for Lent<N> {
    fn drop(&mut self) {
        drop(self.take_back(|_| {}));
    }
}

impl<N> fmt::Debug for Lent<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent").field("lent", &self.is_lent()).finish_non_exhaustive()
    }
}

fn is_seen(word: *mut Header) -> bool {
    word.addr() & SEEN != 0
}

fn unmarked(word: *mut Header) -> *mut Header {
    word.map_addr(|address| address & !SEEN)
}
