//! The owner's two intrusive lists: cells ready to run, and tasks not yet finished.
#![allow(unsafe_code)]

use std::cell::Cell;

use crate::executor::header::{CellPtr, Link};

/// The run queue: first in, first out.
pub(super) struct RunQueue {
    head: Link,
    tail: Link,
}

impl RunQueue {
    pub(super) fn new() -> RunQueue {
        RunQueue { head: Cell::new(None), tail: Cell::new(None) }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.head.get().is_none()
    }

    /// The cell that would be popped after all the others; means nothing if there are none.
    #[inline(always)]
    pub(super) fn last(&self) -> Option<CellPtr> {
        self.tail.get()
    }

    /// Appends a cell.
    ///
    /// # Safety
    ///
    /// The cell is alive, in no run queue, and stays alive until it is popped (which `SCHEDULED` sees to).
    #[inline(always)]
    pub(super) unsafe fn push(&self, cell: CellPtr) {
        // SAFETY: alive by contract.
        unsafe { cell.as_ref() }.run_next.set(None);
        match self.head.get() {
            None => self.head.set(Some(cell)),
            Some(_) => {
                // SAFETY: a queue with a head has a tail, and cells in the queue are alive.
                unsafe { self.tail.get().unwrap_unchecked().as_ref() }.run_next.set(Some(cell));
            }
        }
        self.tail.set(Some(cell));
    }

    /// Goes through the queue, which must not change meanwhile.
    pub(super) fn iter(&self) -> impl Iterator<Item = CellPtr> {
        // SAFETY: cells in the queue are alive.
        std::iter::successors(self.head.get(), |cell| unsafe { cell.as_ref() }.run_next.get())
    }

    #[inline(always)]
    pub(super) fn pop(&self) -> Option<CellPtr> {
        let cell = self.head.get()?;
        // SAFETY: cells in the queue are alive.
        self.head.set(unsafe { cell.as_ref() }.run_next.get());
        Some(cell)
    }
}

impl RunQueue {
    /// Moves everything to a queue of its own.
    pub(super) fn take(&self) -> RunQueue {
        RunQueue { head: Cell::new(self.head.take()), tail: Cell::new(self.tail.get()) }
    }

    /// Appends everything that is in another queue.
    pub(super) fn append(&self, other: &RunQueue) {
        let Some(first) = other.head.take() else { return };
        if self.is_empty() {
            self.head.set(Some(first));
        } else if let Some(tail) = self.tail.get() {
            // SAFETY: cells in the queue are alive.
            unsafe { tail.as_ref() }.run_next.set(Some(first));
        }
        self.tail.set(other.tail.get());
    }
}

/// The unfinished tasks and armed callbacks, so that close can drop each future on its own thread.
pub(super) struct OwnedList {
    head: Link,
}

impl OwnedList {
    pub(super) fn new() -> OwnedList {
        OwnedList { head: Cell::new(None) }
    }

    pub(super) fn first(&self) -> Option<CellPtr> {
        self.head.get()
    }

    /// Goes through the list, which must not change meanwhile.
    pub(super) fn iter(&self) -> impl Iterator<Item = CellPtr> {
        // SAFETY: cells on the list are alive.
        std::iter::successors(self.head.get(), |cell| unsafe { cell.as_ref() }.owned_next.get())
    }

    /// Adds a task.
    ///
    /// # Safety
    ///
    /// The cell is alive, on no owned list, and is removed before it is freed.
    #[inline(always)]
    pub(super) unsafe fn link(&self, cell: CellPtr) {
        // SAFETY: alive by contract, as are the cells on the list.
        unsafe {
            let next = self.head.get();
            cell.as_ref().owned_prev.set(None);
            cell.as_ref().owned_next.set(next);
            if let Some(next) = next {
                next.as_ref().owned_prev.set(Some(cell));
            }
        }
        self.head.set(Some(cell));
    }

    /// Removes a task.
    ///
    /// # Safety
    ///
    /// The cell is alive and on this list.
    #[inline(always)]
    pub(super) unsafe fn unlink(&self, cell: CellPtr) {
        // SAFETY: alive by contract, as are the cells on the list.
        unsafe {
            let prev = cell.as_ref().owned_prev.get();
            let next = cell.as_ref().owned_next.get();
            match prev {
                Some(prev) => prev.as_ref().owned_next.set(next),
                None => self.head.set(next),
            }
            if let Some(next) = next {
                next.as_ref().owned_prev.set(prev);
            }
        }
    }
}
