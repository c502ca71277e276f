//! From two looks to what has happened between them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use runtime_inspect::protocol::{Histogram, Metrics, Snapshot, State, Task};

use super::Sort;
use crate::ps::{name_of, relations, state};

/// A look.
#[derive(Debug)]
pub(super) struct Sample {
    snapshot: Snapshot,
}

impl Sample {
    pub(super) fn new(snapshot: Snapshot) -> Sample {
        Sample { snapshot }
    }
}

/// What has happened between two looks.
#[derive(Debug)]
pub(super) struct Rates {
    pub(super) live_tasks: usize,
    pub(super) ready: usize,
    pub(super) timers: usize,
    pub(super) sources: usize,
    pub(super) blocking_jobs: usize,
    /// The share of the time in which the loop was run and did not wait, from 0 to 1.
    pub(super) busy: f64,
    pub(super) waits_per_second: f64,
    /// Those that it began by spinning.
    pub(super) spins_per_second: f64,
    pub(super) polls_per_second: f64,
    pub(super) wakes_per_second: f64,
    pub(super) remote_wakes_per_second: f64,
    pub(super) passes_per_second: f64,
    pub(super) spawns_per_second: f64,
    pub(super) events_per_second: f64,
    pub(super) timers_per_second: f64,
    pub(super) poll_durations: Histogram,
    pub(super) scheduling_delays: Histogram,
    tasks: Vec<Row>,
}

/// A task, or several that are shown as one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) id: u64,
    /// How many tasks it stands for.
    pub(super) count: usize,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) polls_per_second: f64,
    /// The share of the time that its polls took, from 0 to 1.
    pub(super) busy: f64,
    pub(super) polls: u64,
    pub(super) busy_ns: u64,
    pub(super) awaits: String,
    pub(super) location: String,
}

impl Rates {
    pub(super) fn between(earlier: &Sample, later: &Sample) -> Rates {
        let (old, new) = (&earlier.snapshot, &later.snapshot);
        // Never zero: nothing is divided by it otherwise.
        let nanos = new.taken_ns.saturating_sub(old.taken_ns).max(1) as f64;
        let seconds = nanos / 1e9;
        let (before, now) = (&old.metrics, &new.metrics);
        let per_second = |figure: fn(&Metrics) -> Option<u64>| {
            let (then, now) = (figure(before).unwrap_or(0), figure(now).unwrap_or(0));
            now.saturating_sub(then) as f64 / seconds
        };
        let parked = per_second(|metrics| metrics.parked_ns) / 1e9;
        let idle = per_second(|metrics| metrics.idle_ns) / 1e9;
        let spread = |now: &Option<Histogram>, then: &Option<Histogram>| {
            let now = now.clone().unwrap_or_default();
            now.since(then.as_ref().unwrap_or(&Histogram::default()))
        };
        let known: HashMap<u64, &Task> = old.tasks.iter().map(|task| (task.id, task)).collect();
        Rates {
            live_tasks: now.live_tasks,
            ready: now.queue_depth,
            timers: now.armed_timers,
            sources: now.registered_sources,
            blocking_jobs: now.blocking_jobs,
            busy: (1.0 - parked - idle).clamp(0.0, 1.0),
            waits_per_second: per_second(|metrics| metrics.parks),
            spins_per_second: per_second(|metrics| metrics.spins),
            polls_per_second: per_second(|metrics| metrics.polls),
            wakes_per_second: per_second(|metrics| metrics.local_wakes),
            remote_wakes_per_second: per_second(|metrics| metrics.remote_wakes),
            passes_per_second: per_second(|metrics| metrics.passes),
            spawns_per_second: per_second(|metrics| metrics.spawned),
            events_per_second: per_second(|metrics| metrics.io_events),
            timers_per_second: per_second(|metrics| metrics.timers_fired),
            poll_durations: spread(&now.poll_durations, &before.poll_durations),
            scheduling_delays: spread(&now.scheduling_delays, &before.scheduling_delays),
            tasks: new.tasks.iter().map(|task| row(task, known.get(&task.id), nanos)).collect(),
        }
    }

    /// The tasks, or groups of them, in order.
    pub(super) fn rows(&self, by: Sort, grouped: bool) -> Vec<Row> {
        let mut rows = if grouped { groups(&self.tasks) } else { self.tasks.clone() };
        // By whole numbers, of which there is an order.
        match by {
            Sort::Busy => {
                let share = |row: &Row| Reverse((row.busy * 1e12) as u64);
                rows.sort_by_key(|row| (share(row), Reverse(row.busy_ns)));
            }
            Sort::Polls => {
                let rate = |row: &Row| Reverse((row.polls_per_second * 1e3) as u64);
                rows.sort_by_key(|row| (rate(row), Reverse(row.polls)));
            }
            Sort::Id => rows.sort_by_key(|row| row.id),
            Sort::Name => rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id))),
        }
        rows
    }
}

/// Makes one row of all that have the same name, or no name and come from the same place.
fn groups(tasks: &[Row]) -> Vec<Row> {
    let mut groups: BTreeMap<(&str, &str), Row> = BTreeMap::new();
    for task in tasks {
        let place = if task.name == "-" { task.location.as_str() } else { "" };
        groups
            .entry((&task.name, place))
            .and_modify(|group| group.add(task))
            .or_insert_with(|| task.clone());
    }
    groups.into_values().collect()
}

impl Row {
    fn add(&mut self, other: &Row) {
        self.count += other.count;
        self.id = self.id.min(other.id);
        self.polls_per_second += other.polls_per_second;
        self.busy += other.busy;
        self.polls += other.polls;
        self.busy_ns += other.busy_ns;
        for (own, others) in [
            (&mut self.state, &other.state),
            (&mut self.awaits, &other.awaits),
            (&mut self.location, &other.location),
        ] {
            if own != others {
                *own = "...".to_owned();
            }
        }
    }
}

fn row(task: &Task, before: Option<&&Task>, nanos: f64) -> Row {
    let figures = |task: &Task| (task.polls.unwrap_or(0), task.busy_ns.unwrap_or(0));
    let (polls, busy_ns) = figures(task);
    let (old_polls, old_busy) = before.map_or((0, 0), |before| figures(before));
    Row {
        id: task.id,
        count: 1,
        name: name_of(task),
        state: state(task.state).to_owned(),
        polls_per_second: polls.saturating_sub(old_polls) as f64 / nanos * 1e9,
        busy: busy_ns.saturating_sub(old_busy) as f64 / nanos,
        polls,
        busy_ns,
        awaits: if task.state == State::Waiting { relations(&task.awaits) } else { "-".into() },
        location: task.location.clone(),
    }
}

#[cfg(test)]
mod tests {
    use runtime_inspect::protocol::Snapshot;
    use serde_json::{Value, json};

    use super::{Rates, Sample, Sort};

    fn sample(taken_ns: u64, metrics: Value, tasks: Value) -> Sample {
        let snapshot = json!({
            "loop": 1, "taken_ns": taken_ns, "total_tasks": 3, "tasks": tasks, "metrics": metrics,
        });
        Sample::new(serde_json::from_value::<Snapshot>(snapshot).unwrap())
    }

    fn task(id: u64, name: &str, polls: u64, busy_ns: u64) -> Value {
        json!({
            "id": id, "name": name, "location": "a.rs:1:1", "state": "waiting",
            "polls": polls, "busy_ns": busy_ns, "awaits": [{"what": format!("task {}", id + 1)}],
        })
    }

    fn two_seconds() -> Rates {
        let metrics = json!({"polls": 100, "parked_ns": 1_000_000_000});
        let earlier =
            sample(1_000_000_000, metrics, json!([task(1, "a", 10, 0), task(2, "b", 90, 0)]));
        let metrics = json!({
            "polls": 300, "parked_ns": 2_000_000_000_u64, "idle_ns": 500_000_000_u64, "live_tasks": 3,
        });
        let tasks = json!([
            task(1, "a", 20, 1_000_000_000),
            task(2, "b", 270, 200_000_000),
            task(3, "b", 10, 100_000_000),
        ]);
        Rates::between(&earlier, &sample(3_000_000_000, metrics, tasks))
    }

    fn ids(rates: &Rates, by: Sort) -> Vec<u64> {
        rates.rows(by, false).iter().map(|row| row.id).collect()
    }

    #[test]
    fn rates_are_differences_over_time() {
        let rates = two_seconds();
        assert_eq!(rates.polls_per_second, 100.0);
        assert_eq!(rates.busy, 0.25);
        let busy: Vec<_> = rates.tasks.iter().map(|row| row.busy).collect();
        assert_eq!(busy, [0.5, 0.1, 0.05]);
        let polls: Vec<_> = rates.tasks.iter().map(|row| row.polls_per_second).collect();
        assert_eq!(polls, [5.0, 90.0, 5.0]);
    }

    #[test]
    fn rows_are_sorted_by_what_was_asked_for() {
        let rates = two_seconds();
        assert_eq!(ids(&rates, Sort::Polls), [2, 1, 3]);
        assert_eq!(ids(&rates, Sort::Busy), [1, 2, 3]);
        assert_eq!(ids(&rates, Sort::Name), [1, 2, 3]);
    }

    #[test]
    fn a_group_is_the_sum_of_its_tasks() {
        let groups = two_seconds().rows(Sort::Id, true);
        assert_eq!(groups.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2]);
        let group = &groups[1];
        assert_eq!((group.count, group.polls, group.busy_ns), (2, 280, 300_000_000));
        assert_eq!(group.awaits, "...");
        assert_eq!(group.state, "waiting");
    }

    #[test]
    fn two_looks_at_one_moment_divide_by_nothing() {
        let look = || sample(5, json!({"polls": 1}), json!([task(1, "a", 1, 1)]));
        let rates = Rates::between(&look(), &look());
        assert_eq!(rates.polls_per_second, 0.0);
        assert_eq!(rates.tasks[0].busy, 0.0);
    }
}
