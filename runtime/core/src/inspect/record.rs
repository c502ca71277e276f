//! What is counted while a loop is inspected.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use crate::current;
use crate::executor::{Special, TaskRef};
use crate::local::Local;
use crate::watchdog::post;

use super::foreign::Foreign;
use super::groups::Groups;
use super::hooks::Hooks;
use super::named::Named;
use super::{Histogram, Metrics};

/// What a loop knows of those who look into it.
pub(crate) struct Inspection {
    /// There while the loop is inspected.
    record: RefCell<Option<Box<Record>>>,
    pub(super) foreign: Foreign,
    pub(super) named: Named,
    pub(super) groups: Groups,
    pub(crate) hooks: Hooks,
    /// Whether the program wants it to be inspected.
    wanted: Cell<bool>,
    /// How many observers do. It may be negative for a moment: who goes on the loop's own thread may overtake
    /// word of his coming that was sent from another.
    observers: Cell<isize>,
    /// When the first poll of the main future began, which is not part of a pass.
    first_poll: Cell<Option<Instant>>,
}

/// What is counted of a loop.
struct Record {
    since: Instant,
    spawned: u64,
    completed: u64,
    passes: u64,
    polls: u64,
    parks: u64,
    spins: u64,
    busy: Duration,
    parked: Duration,
    idle: Duration,
    /// Since when nobody runs the loop, if so.
    left_at: Option<Instant>,
    timers_fired: u64,
    io_events: u64,
    poll_durations: Histogram,
    scheduling_delays: Histogram,
}

impl Inspection {
    pub(crate) fn new(hooks: Hooks) -> Inspection {
        Inspection {
            record: RefCell::new(None),
            foreign: Foreign::default(),
            named: Named::default(),
            groups: Groups::default(),
            hooks,
            wanted: Cell::new(false),
            observers: Cell::new(0),
            first_poll: Cell::new(None),
        }
    }

    /// Whether figures are counted.
    pub(crate) fn is_counting(&self) -> bool {
        self.record.borrow().is_some()
    }

    /// Counts something. Nothing of the user's is called.
    fn count(&self, count: impl FnOnce(&mut Record)) {
        if let Some(record) = self.record.borrow_mut().as_mut() {
            count(record);
        }
    }

    pub(crate) fn count_pass(&self) {
        self.count(|record| record.passes += 1);
    }

    pub(crate) fn count_fired(&self, events: usize, timers: usize) {
        self.count(|record| {
            record.io_events += events as u64;
            record.timers_fired += timers as u64;
        });
    }

    pub(crate) fn count_park(&self, spins: bool, took: Duration) {
        self.count(|record| {
            record.parks += 1;
            record.spins += u64::from(spins);
            record.parked += took;
        });
    }

    /// The loop is run, or is not run any more.
    pub(crate) fn set_run(&self, run: bool) {
        self.count(|record| {
            let now = Instant::now();
            let left_at = std::mem::replace(&mut record.left_at, (!run).then_some(now));
            record.idle += left_at.map_or(Duration::ZERO, |left_at| now - left_at);
        });
    }

    pub(super) fn count_spawned(&self) {
        self.count(|record| record.spawned += 1);
    }

    pub(super) fn count_completed(&self) {
        self.count(|record| record.completed += 1);
    }

    /// Counts a poll of a task or of the main future, or a callback. One that is `within` another poll is part
    /// of the time that this takes.
    pub(super) fn count_poll(
        &self,
        cell: Option<&TaskRef>,
        took: Duration,
        delay: Option<Duration>,
        within: bool,
    ) {
        self.count(|record| {
            record.polls += 1;
            record.busy += if within { Duration::ZERO } else { took };
            record.poll_durations.record(took);
            if let Some(delay) = delay {
                record.scheduling_delays.record(delay);
            }
        });
        if let Some(cell) = cell {
            let notes = &cell.cold().notes;
            notes.polls.add(1);
            notes.busy.add(took.as_nanos() as u64);
        }
    }

    /// Adds what is counted.
    pub(super) fn complete(&self, metrics: &mut Metrics, local: &Local) {
        let record = self.record.borrow();
        let Some(record) = record.as_deref() else { return };
        let tally = local.executor.tally();
        let now = Instant::now();
        let idle = record.left_at.map_or(Duration::ZERO, |left_at| now - left_at);
        metrics.inspected_for = Some(now - record.since);
        metrics.idle = Some(record.idle + idle);
        metrics.spawned = Some(record.spawned);
        metrics.completed = Some(record.completed);
        metrics.passes = Some(record.passes);
        metrics.polls = Some(record.polls);
        metrics.local_wakes = Some(tally.local_wakes.get());
        metrics.remote_wakes = Some(tally.remote_wakes.get());
        metrics.parks = Some(record.parks);
        metrics.spins = Some(record.spins);
        metrics.busy = Some(record.busy);
        metrics.parked = Some(record.parked);
        metrics.timers_fired = Some(record.timers_fired);
        metrics.io_events = Some(record.io_events);
        metrics.poll_durations = Some(record.poll_durations.clone());
        metrics.scheduling_delays = Some(record.scheduling_delays.clone());
    }
}

impl Record {
    fn new(runs: bool) -> Record {
        let now = Instant::now();
        Record {
            since: now,
            spawned: 0,
            completed: 0,
            passes: 0,
            polls: 0,
            parks: 0,
            spins: 0,
            busy: Duration::ZERO,
            parked: Duration::ZERO,
            idle: Duration::ZERO,
            left_at: (!runs).then_some(now),
            timers_fired: 0,
            io_events: 0,
            poll_durations: Histogram::new(),
            scheduling_delays: Histogram::new(),
        }
    }
}

/// Has the loop inspected because the program wants it, or not any more.
pub(crate) fn set_inspect(local: &Local, inspect: bool) {
    local.inspection.wanted.set(inspect);
    adjust(local);
}

/// Has the loop inspected for so many more observers, or fewer.
pub(super) fn add_observers(local: &Local, more: isize) {
    let observers = &local.inspection.observers;
    observers.set(observers.get() + more);
    adjust(local);
}

/// Begins to count, from zero, or ceases to, if anybody wants it or nobody does any more.
fn adjust(local: &Local) {
    let inspection = &local.inspection;
    let inspect = inspection.wanted.get() || inspection.observers.get() > 0;
    if local.executor.special().is_closing() || inspect == inspection.is_counting() {
        return;
    }
    let record = || Box::new(Record::new(current::is_running(local)));
    *inspection.record.borrow_mut() = inspect.then(record);
    inspection.foreign.clear();
    inspection.first_poll.set(None);
    local.executor.set_noting(inspect);
    post::heed(local);
    heed(local);
}

/// Has the loop run under observation as long as anybody looks.
pub(crate) fn heed(local: &Local) {
    let inspection = &local.inspection;
    if inspection.is_counting() || inspection.hooks.any() {
        local.executor.observe(Special::INSPECT);
    } else {
        local.executor.cease_to_observe(Special::INSPECT);
    }
}

/// Begins to time the first poll of the main future.
pub(crate) fn begin_first_poll(local: &Local) {
    if local.inspection.is_counting() {
        local.inspection.first_poll.set(Some(Instant::now()));
    }
}

/// Ends what [`begin_first_poll`] began.
pub(crate) fn end_first_poll(local: &Local) {
    if let Some(begun) = local.inspection.first_poll.take() {
        if local.inspection.is_counting() {
            let main = local.executor.root();
            local.inspection.count_poll(main.as_ref(), begun.elapsed(), None, false);
            local.inspection.foreign.note_timers(local, main.as_ref(), None);
        }
    }
}
