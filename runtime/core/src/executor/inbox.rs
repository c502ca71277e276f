//! The lock-free inbox through which other threads reach a loop.
//!
//! A Treiber stack: others push single cells, the owner takes all of them at once, so there is no ABA
//! problem and no capacity. The two low bits of `head` say more:
//!
//! ```text
//!   null           empty, the loop is awake
//!   cell           something to do, the loop is awake or has been unparked
//!   PARKED         empty; the loop sleeps, or is about to
//!   cell | PARKED  dead cells came home meanwhile, which is no reason to wake up
//!   CLOSED         the loop is gone
//! ```
#![allow(unsafe_code)]

use std::ptr::null_mut;
use std::sync::Arc;

use crate::executor::header::{CellPtr, Header};
use crate::executor::unpark::Unpark;
use crate::sync::{AtomicPtr, Ordering};

const PARKED: usize = 1;
const CLOSED: usize = 2;
const TAGS: usize = PARKED | CLOSED;

/// The loop is closed; the cell was not taken.
#[derive(Debug)]
pub(super) struct InboxClosed;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Inbox {
    head: AtomicPtr<Header>,
}

impl Inbox {
    pub(super) fn new() -> Inbox {
        Inbox { head: AtomicPtr::new(null_mut()) }
    }

    /// Pushes a cell and, if asked to, unparks the loop.
    ///
    /// # Safety
    ///
    /// The caller owns the cell's `QUEUED` bit, and the cell keeps the loop's `Core` alive until it is
    /// drained. `unpark` points into that core; it is not a reference because the core may go while this
    /// function returns.
    pub(super) unsafe fn push(
        &self,
        cell: CellPtr,
        unpark: Option<*const Arc<dyn Unpark>>,
    ) -> Result<(), InboxClosed> {
        let mut head = self.head.load(Ordering::Acquire);
        let mut reserved: Option<Arc<dyn Unpark>> = None;
        loop {
            let tags = head.addr() & TAGS;
            if tags == CLOSED {
                return Err(InboxClosed);
            }
            // SAFETY: the cell is alive and `QUEUED`, which we own, guards the link.
            unsafe { cell.as_ref() }.inbox_next.set(CellPtr::new(untagged(head)));
            let mut new = cell.as_ptr();
            match unpark {
                // As soon as the exchange succeeds the owner may drain the cell, free it and close; so the
                // means to unpark it are secured before.
                Some(unpark) if tags == PARKED && reserved.is_none() => {
                    // SAFETY: the core is alive until the exchange.
                    reserved = Some(unsafe { (*unpark).clone() });
                }
                Some(_) => {}
                None => new = new.map_addr(|address| address | tags),
            }
            // Release publishes the link and the cell; acquire is for a pusher that meets CLOSED.
            match self.head.compare_exchange_weak(head, new, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    if tags == PARKED {
                        if let Some(unpark) = reserved {
                            unpark.unpark();
                        }
                    }
                    return Ok(());
                }
                Err(now) => head = now,
            }
        }
    }

    /// Whether there is anything to take, be it the mark of a sleep. A plain load; it may miss what was pushed
    /// this instant.
    #[inline(always)]
    pub(super) fn has_any(&self) -> bool {
        !self.head.load(Ordering::Relaxed).is_null()
    }

    /// Whether anything has arrived that the loop is to wake up for, asleep or not.
    pub(super) fn calls(&self) -> bool {
        let head = self.head.load(Ordering::Relaxed);
        !head.is_null() && head.addr() & TAGS == 0
    }

    /// Takes everything, oldest first, and declares the loop awake.
    pub(super) fn take(&self) -> Taken {
        let head = self.head.swap(null_mut(), Ordering::AcqRel);
        Taken::oldest_first(head)
    }

    /// Announces that the loop is about to sleep; refused if something has arrived.
    pub(super) fn park(&self) -> bool {
        let parked = null_mut::<Header>().with_addr(PARKED);
        self.head.compare_exchange(null_mut(), parked, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Announces a sleep that others are going to sleep for the loop; refused if something has arrived,
    /// allowed again and again.
    pub(super) fn announce_sleep(&self) -> bool {
        self.head.load(Ordering::Relaxed).addr() & TAGS == PARKED || self.park()
    }

    /// Refuses everything from now on and takes what is there.
    pub(super) fn close(&self) -> Taken {
        let closed = null_mut::<Header>().with_addr(CLOSED);
        let head = self.head.swap(closed, Ordering::AcqRel);
        if head.addr() & TAGS == CLOSED {
            return Taken { next: None };
        }
        Taken::oldest_first(head)
    }

    /// Whether the loop is closed.
    pub(super) fn is_closed(&self) -> bool {
        self.head.load(Ordering::Acquire).addr() & TAGS == CLOSED
    }
}

fn untagged(head: *mut Header) -> *mut Header {
    head.map_addr(|address| address & !TAGS)
}

/// Cells taken from the inbox, oldest first.
#[derive(Debug)]
pub(super) struct Taken {
    next: Option<CellPtr>,
}

impl Taken {
    /// Turns the stack around.
    fn oldest_first(head: *mut Header) -> Taken {
        let mut newest = CellPtr::new(untagged(head));
        let mut oldest = None;
        while let Some(cell) = newest {
            // SAFETY: a cell in the inbox is alive, and whoever takes it inherits the `QUEUED` bit with the
            // link.
            let link = unsafe { &cell.as_ref().inbox_next };
            newest = link.replace(oldest);
            oldest = Some(cell);
        }
        Taken { next: oldest }
    }
}

impl Iterator for Taken {
    type Item = CellPtr;

    fn next(&mut self) -> Option<CellPtr> {
        let cell = self.next?;
        // SAFETY: as above; the link is read before the cell is handed out, whose `QUEUED` bit then falls.
        self.next = unsafe { cell.as_ref() }.inbox_next.get();
        Some(cell)
    }
}
