//! Tasks that inspection counts: each has a flag in its state, [`NOTED`].
//!
//! Whether a task is to be woken is decided by its flags anyhow. One that is noted fails the test by which
//! nearly all are queued at once, and comes by here.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::current::with_current;
use crate::executor::header::{CellPtr, Kind};
use crate::executor::state::{NOTED, SCHEDULED};
use crate::executor::{Executor, TaskRef};
use crate::local::Local;
use crate::sync::Mutex;
use crate::task::Id;

/// What is counted of one task; in its cold part.
#[derive(Debug)]
pub(crate) struct Notes {
    pub(crate) polls: Count,
    /// In nanoseconds.
    pub(crate) busy: Count,
    /// When it was woken, as [`Tally::now`] has it; 0 if it has had its turn since.
    woken_at: Count,
    /// The task in whose poll its join handle was last polled with another waker than the one that lies there.
    waiter: Mutex<Option<Id>>,
}

impl Notes {
    pub(super) fn new() -> Notes {
        Notes {
            polls: Count::default(),
            busy: Count::default(),
            woken_at: Count::default(),
            waiter: Mutex::new(None),
        }
    }

    /// The task that awaits it, where the waker that lies there does not tell.
    pub(crate) fn waiter(&self) -> Option<Id> {
        *self.waiter.lock()
    }
}

/// A number that one thread changes.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, more: u64) {
        self.set(self.get().wrapping_add(more));
    }

    fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    fn take(&self) -> u64 {
        let value = self.get();
        self.set(0);
        value
    }
}

/// What the executor counts while its loop is inspected.
#[derive(Debug)]
pub(crate) struct Tally {
    on: Cell<bool>,
    pub(crate) local_wakes: Cell<u64>,
    pub(crate) remote_wakes: Cell<u64>,
    /// Whether what is woken is woken by other threads.
    draining: Cell<bool>,
    epoch: Instant,
}

impl Tally {
    pub(super) fn new() -> Tally {
        Tally {
            on: Cell::new(false),
            local_wakes: Cell::new(0),
            remote_wakes: Cell::new(0),
            draining: Cell::new(false),
            epoch: Instant::now(),
        }
    }

    /// Nanoseconds since some moment, and never 0.
    fn now(&self) -> u64 {
        self.epoch.elapsed().as_nanos() as u64 | 1
    }

    /// Notes whether other threads' wakes are being delivered.
    pub(super) fn set_draining(&self, draining: bool) {
        self.draining.set(draining);
    }
}

impl Executor {
    /// Whether tasks are counted.
    pub(crate) fn is_noting(&self) -> bool {
        self.tally.on.get()
    }

    /// What is counted.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Begins to count all tasks from zero, or ceases to.
    pub(crate) fn set_noting(&self, on: bool) {
        self.tally.on.set(on);
        self.tally.local_wakes.set(0);
        self.tally.remote_wakes.set(0);
        for cell in self.owned.iter().chain(self.root.get()) {
            // SAFETY: what is on the list is alive, as is the root of an open loop.
            let header = unsafe { cell.as_ref() };
            if !matches!(header.vtable.kind, Kind::Task | Kind::Root) {
                continue;
            }
            if on {
                header.state.insert(NOTED);
            } else {
                header.state.remove(NOTED);
            }
            if let Some(cold) = header.origin.existing() {
                for count in [&cold.notes.polls, &cold.notes.busy, &cold.notes.woken_at] {
                    count.set(0);
                }
                *cold.notes.waiter.lock() = None;
            }
        }
    }

    /// Begins to count a new task.
    pub(crate) fn note_spawned(&self, task: &TaskRef) {
        if self.is_noting() {
            task.header().state.insert(NOTED);
            task.cold().notes.woken_at.set(self.tally.now());
        }
    }

    /// How long a cell has waited for the turn that it gets now, if that is known.
    pub(crate) fn take_delay(&self, cell: &TaskRef, now: Instant) -> Option<Duration> {
        let woken_at = cell.cold().notes.woken_at.take();
        let now = now.saturating_duration_since(self.tally.epoch);
        (woken_at != 0).then(|| now.saturating_sub(Duration::from_nanos(woken_at)))
    }
}

/// Queues a task that is noted, and counts the wake. The last thing that a wake does: were there more to be
/// done behind it, those that are not noted would pay for a stack frame.
///
/// # Safety
///
/// Owner's thread; the cell is alive, and neither `SCHEDULED` nor `READY`.
#[cold]
#[inline(never)]
pub(super) unsafe fn schedule(cell: CellPtr, local: &Local) {
    let tally = &local.executor.tally;
    let count = if tally.draining.get() { &tally.remote_wakes } else { &tally.local_wakes };
    count.set(count.get() + 1);
    // SAFETY: alive by contract, and in no queue.
    unsafe {
        let header = cell.as_ref();
        header.origin.cold().notes.woken_at.set(tally.now());
        header.state.insert(SCHEDULED);
        local.executor.queue.push(cell);
    }
}

/// Notes that the task which is being run awaits a noted one, by a waker that is not ours.
///
/// # Safety
///
/// The cell is alive.
#[cold]
#[inline(never)]
pub(super) unsafe fn note_waiter(cell: CellPtr) {
    let waiter = with_current(|local| local.executor.running()).flatten();
    if let Some(waiter) = waiter.filter(TaskRef::has_future) {
        // SAFETY: alive by contract.
        let notes = &unsafe { cell.as_ref() }.origin.cold().notes;
        *notes.waiter.lock() = Some(waiter.cold().id);
    }
}

impl TaskRef {
    /// Whether it is a task, or the main future.
    pub(crate) fn has_future(&self) -> bool {
        matches!(self.kind(), Kind::Task | Kind::Root)
    }

    /// Whether it is the main future.
    pub(crate) fn is_main(&self) -> bool {
        self.kind() == Kind::Root
    }
}
