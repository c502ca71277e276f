//! Reading it all off: where the wakers of tasks lie is what the tasks wait for.
//!
//! For the loop's own thread. Wakers are looked at where they are, and neither called nor cloned, so no code
//! of the user's runs while anything is borrowed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crate::executor::{Sleeper, TaskRef, sleeper};
use crate::local::Local;
use crate::reactor::Waited;
use crate::task::Id;
use crate::time::Instant;

use super::foreign::Place;
use super::named::Role;
use super::{Awaits, GroupInfo, Metrics, Snapshot, TaskInfo, TaskState, Waiter};

/// Everything at once.
pub(super) fn snapshot(local: &Local) -> Snapshot {
    let now = local.clock.now();
    let mut table = Table::new(local);
    table.note_joins();
    table.note_timers(now);
    table.note_sources();
    let held = table.note_named();
    let groups = table.note_groups();
    let (main, tasks) = table.finish();
    Snapshot { taken_at: now, main, tasks, groups, held, metrics: metrics(local) }
}

/// How the loop is doing.
pub(super) fn metrics(local: &Local) -> Metrics {
    let mut metrics = Metrics {
        live_tasks: local.executor.count_tasks(),
        queue_depth: local.executor.queue_depth(),
        armed_timers: local.timers.count(),
        registered_sources: local.reactor.sources(),
        blocking_jobs: local.blocking_jobs.get(),
        ..Metrics::default()
    };
    local.inspection.complete(&mut metrics, local);
    metrics
}

/// The tasks, as far as they are known by now.
struct Table<'a> {
    local: &'a Local,
    /// The main future last, if there is one.
    cells: Vec<TaskRef>,
    infos: Vec<TaskInfo>,
    has_main: bool,
    places: HashMap<Id, usize>,
}

impl Table<'_> {
    fn new(local: &Local) -> Table<'_> {
        let mut cells = local.executor.unfinished();
        cells.reverse();
        let main = local.executor.main();
        let has_main = main.is_some();
        cells.extend(main);
        let infos: Vec<TaskInfo> = cells.iter().map(|cell| info(local, cell)).collect();
        let places = infos.iter().enumerate().map(|(place, info)| (info.id, place)).collect();
        Table { local, cells, infos, has_main, places }
    }

    /// Notes what a task waits for.
    fn note(&mut self, sleeper: Sleeper, awaits: Awaits) {
        let (Sleeper::Task(id) | Sleeper::Main(id)) = sleeper else { return };
        if let Some(&place) = self.places.get(&id) {
            self.infos[place].awaits.push(awaits);
        }
    }

    fn note_joins(&mut self) {
        for place in 0..self.cells.len() {
            for sleeper in self.cells[place].joiners() {
                let sleeper = match (sleeper, self.cells[place].cold().notes.waiter()) {
                    (Sleeper::Other, Some(id)) => self.sleeper_of(id).unwrap_or(sleeper),
                    _ => sleeper,
                };
                self.infos[place].awaited_by.extend(waiter(sleeper));
                self.note(sleeper, Awaits::Task(self.infos[place].id));
            }
        }
    }

    /// Whoever has an id, if it has not finished.
    fn sleeper_of(&self, id: Id) -> Option<Sleeper> {
        let place = *self.places.get(&id)?;
        let is_main = self.cells[place].is_main();
        Some(if is_main { Sleeper::Main(id) } else { Sleeper::Task(id) })
    }

    fn note_timers(&mut self, now: Instant) {
        let local = self.local;
        local.timers.for_each(|key, deadline, waker| {
            let left = deadline.saturating_duration_since(now);
            self.note_place(waker, Place::Timer(key), Awaits::Timer { deadline, left });
        });
    }

    fn note_sources(&mut self) {
        let local = self.local;
        local.reactor.for_each_wait(|waited, waker| {
            let Waited { token, number: fd, direction } = *waited;
            let place = Place::Source(token, direction);
            self.note_place(waker, place, Awaits::Io { direction, fd });
        });
    }

    /// Notes what somebody waits for whose waker lies in a place.
    fn note_place(&mut self, waker: &Waker, place: Place, awaits: Awaits) {
        match sleeper(waker) {
            Sleeper::Other => {
                for id in self.local.inspection.foreign.waiters(place) {
                    self.note(Sleeper::Task(id), awaits.clone());
                }
            }
            sleeper => self.note(sleeper, awaits),
        }
    }

    /// Returns who holds what.
    fn note_named(&mut self) -> Vec<(Arc<str>, Vec<Id>)> {
        let local = self.local;
        let mut held: BTreeMap<Arc<str>, Vec<Id>> = BTreeMap::new();
        local.inspection.named.for_each(|name, role, id| match role {
            Role::Awaits => self.note(Sleeper::Task(id), Awaits::Resource(name.into())),
            Role::Holds => held.entry(name.into()).or_default().push(id),
        });
        held.into_iter().collect()
    }

    /// Returns the groups.
    fn note_groups(&mut self) -> Vec<GroupInfo> {
        let mut groups = Vec::new();
        for (number, group) in self.local.inspection.groups.all() {
            let (mut members, mut awaited_by) = (Vec::new(), Vec::new());
            group.for_each(&mut |id| {
                if let Some(&place) = self.places.get(&id) {
                    members.push(id);
                    self.infos[place].awaited_by.push(Waiter::Group(number));
                }
            });
            group.show_waiter(&mut |waker| {
                let sleeper = sleeper(waker);
                awaited_by.extend(waiter(sleeper));
                self.note(sleeper, Awaits::Group(number));
            });
            groups.push(GroupInfo { number, members, awaited_by });
        }
        groups
    }

    fn finish(mut self) -> (Option<TaskInfo>, Vec<TaskInfo>) {
        for (cell, info) in self.cells.iter().zip(&mut self.infos) {
            if info.awaits.len() > 1 {
                let mut told = HashSet::with_capacity(info.awaits.len());
                info.awaits.retain(|awaits| told.insert(awaits.clone()));
            }
            if info.state == TaskState::Waiting && cell.is_job() {
                info.awaits.push(Awaits::Blocking);
            }
            if info.state == TaskState::Waiting && cell.listens() {
                info.awaits.push(Awaits::Cancellation);
            }
            if info.state == TaskState::Waiting && info.awaits.is_empty() {
                info.awaits.push(Awaits::Unknown);
            }
        }
        let main = if self.has_main { self.infos.pop() } else { None };
        (main, self.infos)
    }
}

fn info(local: &Local, cell: &TaskRef) -> TaskInfo {
    let cold = cell.cold();
    let counts = local.inspection.is_counting();
    let main_location = cell.is_main().then(|| local.core.shared.run_at.location()).flatten();
    let state = match () {
        () if local.executor.is_running(cell) => TaskState::Running,
        () if cell.is_scheduled() => TaskState::Ready,
        () => TaskState::Waiting,
    };
    TaskInfo {
        id: cold.id,
        name: cold.name.as_deref().map(Into::into),
        location: main_location.unwrap_or(cold.location),
        state,
        polls: counts.then(|| cold.notes.polls.get()),
        busy: counts.then(|| Duration::from_nanos(cold.notes.busy.get())),
        awaits: Vec::new(),
        awaited_by: Vec::new(),
    }
}

fn waiter(sleeper: Sleeper) -> Option<Waiter> {
    match sleeper {
        Sleeper::Task(id) => Some(Waiter::Task(id)),
        Sleeper::Main(id) => Some(Waiter::Main(id)),
        Sleeper::Nobody => None,
        Sleeper::Other => Some(Waiter::Foreign),
    }
}
