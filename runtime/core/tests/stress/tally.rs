//! Counts what is made and what is dropped, and where.

use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread::{self, ThreadId};

/// Counts the entries that exist.
#[derive(Clone)]
pub(crate) struct Tally(Arc<Counts>);

struct Counts {
    home: ThreadId,
    made: AtomicU64,
    alive: AtomicI64,
    astray: AtomicU64,
}

impl Tally {
    /// A tally whose entries are to be dropped on this thread.
    pub(crate) fn new() -> Tally {
        Tally(Arc::new(Counts {
            home: thread::current().id(),
            made: AtomicU64::new(0),
            alive: AtomicI64::new(0),
            astray: AtomicU64::new(0),
        }))
    }

    /// Something that has to be dropped once, anywhere.
    pub(crate) fn entry(&self) -> Entry {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        self.0.alive.fetch_add(1, Ordering::Relaxed);
        Entry { tally: self.clone(), bytes: Box::new([7; 4]) }
    }

    /// Something that has to be dropped once, at home.
    pub(crate) fn bound_entry(&self) -> BoundEntry {
        BoundEntry { entry: self.entry(), _not_send: PhantomData }
    }

    /// Asserts that everything was dropped, and the bound entries at home; returns how many there were.
    #[track_caller]
    pub(crate) fn settle(&self) -> u64 {
        assert_eq!(self.0.alive.load(Ordering::Relaxed), 0, "entries alive");
        assert_eq!(self.0.astray.load(Ordering::Relaxed), 0, "entries dropped on a wrong thread");
        self.0.made.load(Ordering::Relaxed)
    }
}

/// See [`Tally::entry`]. Owns memory, so that sanitizers see a second drop.
pub(crate) struct Entry {
    tally: Tally,
    bytes: Box<[u8; 4]>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        assert_eq!(*self.bytes, [7; 4]);
        self.tally.0.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

/// See [`Tally::bound_entry`].
pub(crate) struct BoundEntry {
    entry: Entry,
    _not_send: PhantomData<Rc<()>>,
}

impl Drop for BoundEntry {
    fn drop(&mut self) {
        let counts = &self.entry.tally.0;
        if thread::current().id() != counts.home {
            counts.astray.fetch_add(1, Ordering::Relaxed);
        }
    }
}
