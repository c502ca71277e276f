//! Everything as JSON, for other programs. All that is known of the format is in this file.
//!
//! Durations are whole nanoseconds, in fields whose names end in `_ns`. What is not known is `null`.

use std::panic::Location;
use std::time::Duration;

use serde_json::{Value, json};

use crate::reactor::Direction;

use super::{
    Awaits, Graph, GroupInfo, Histogram, Metrics, Node, NodeKind, Snapshot, TaskInfo, Waiter,
};

impl Snapshot {
    /// The snapshot as JSON: an object with `main`, `tasks`, `groups`, `held` and `metrics` (feature
    /// `inspect`).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// let json = runtime::run(async {
    ///     runtime::Handle::current().snapshot(Duration::ZERO).unwrap().to_json()
    /// });
    /// assert!(json.starts_with('{'));
    /// ```
    pub fn to_json(&self) -> String {
        let held = self.held.iter().map(|(name, holders)| {
            json!({ "name": &**name, "holders": holders.iter().map(id).collect::<Value>() })
        });
        json!({
            "main": self.main.as_ref().map(task),
            "tasks": self.tasks.iter().map(task).collect::<Value>(),
            "groups": self.groups.iter().map(group).collect::<Value>(),
            "held": held.collect::<Value>(),
            "metrics": metrics(&self.metrics),
        })
        .to_string()
    }
}

impl TaskInfo {
    /// What is known of the task as JSON (feature `inspect`).
    pub fn to_json(&self) -> String {
        task(self).to_string()
    }
}

impl Metrics {
    /// The figures as JSON (feature `inspect`).
    pub fn to_json(&self) -> String {
        metrics(self).to_string()
    }
}

impl Graph {
    /// The graph as JSON: an object with `nodes`, whose `edges` are indices into that list, and `cycles`
    /// (feature `inspect`).
    pub fn to_json(&self) -> String {
        let cycles = self
            .cycles()
            .iter()
            .map(|cycle| json!({ "nodes": cycle.nodes, "deadlock": cycle.is_deadlock }));
        json!({
            "nodes": self.nodes().iter().map(node).collect::<Value>(),
            "cycles": cycles.collect::<Value>(),
        })
        .to_string()
    }
}

fn id(id: &crate::task::Id) -> Value {
    id.number().into()
}

fn location(location: &Location<'_>) -> Value {
    json!({ "file": location.file(), "line": location.line(), "column": location.column() })
}

fn nanos(duration: Duration) -> Value {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).into()
}

fn task(task: &TaskInfo) -> Value {
    json!({
        "id": id(&task.id),
        "name": task.name.as_deref(),
        "location": location(task.location),
        "state": task.state.as_str(),
        "polls": task.polls,
        "busy_ns": task.busy.map(nanos),
        "awaits": task.awaits.iter().map(awaits).collect::<Value>(),
        "awaited_by": task.awaited_by.iter().map(waiter).collect::<Value>(),
    })
}

fn group(group: &GroupInfo) -> Value {
    json!({
        "group": group.number,
        "members": group.members.iter().map(id).collect::<Value>(),
        "awaited_by": group.awaited_by.iter().map(waiter).collect::<Value>(),
    })
}

fn awaits(awaits: &Awaits) -> Value {
    match awaits {
        Awaits::Task(task) => json!({ "kind": "task", "id": id(task) }),
        Awaits::Group(number) => json!({ "kind": "group", "group": number }),
        Awaits::Timer { left, .. } => json!({ "kind": "timer", "left_ns": nanos(*left) }),
        Awaits::Io { direction: Direction::Read, fd } => json!({ "kind": "readable", "fd": fd }),
        Awaits::Io { direction: Direction::Write, fd } => json!({ "kind": "writable", "fd": fd }),
        Awaits::Blocking => json!({ "kind": "blocking" }),
        Awaits::Resource(name) => json!({ "kind": "resource", "name": &**name }),
        Awaits::Cancellation => json!({ "kind": "cancellation" }),
        Awaits::Unknown => json!({ "kind": "unknown" }),
    }
}

fn waiter(waiter: &Waiter) -> Value {
    match waiter {
        Waiter::Task(task) => json!({ "kind": "task", "id": id(task) }),
        Waiter::Main(main) => json!({ "kind": "main", "id": id(main) }),
        Waiter::Group(number) => json!({ "kind": "group", "group": number }),
        Waiter::Foreign => json!({ "kind": "foreign" }),
    }
}

fn node(node: &Node) -> Value {
    let (kind, number) = match node.kind {
        NodeKind::Main(main) => ("main", Some(main.number())),
        NodeKind::Task(task) => ("task", Some(task.number())),
        NodeKind::Group(number) => ("group", Some(number)),
        NodeKind::Resource => ("resource", None),
    };
    json!({
        "kind": kind,
        "id": number,
        "name": node.name,
        "location": node.location.map(location),
        "state": node.state.map(super::TaskState::as_str),
        "edges": node.edges,
        "leaves": node.leaves.iter().map(awaits).collect::<Value>(),
        "cycle": node.cycle,
    })
}

fn metrics(metrics: &Metrics) -> Value {
    json!({
        "live_tasks": metrics.live_tasks,
        "queue_depth": metrics.queue_depth,
        "armed_timers": metrics.armed_timers,
        "registered_sources": metrics.registered_sources,
        "blocking_jobs": metrics.blocking_jobs,
        "inspected_for_ns": metrics.inspected_for.map(nanos),
        "spawned": metrics.spawned,
        "completed": metrics.completed,
        "passes": metrics.passes,
        "polls": metrics.polls,
        "local_wakes": metrics.local_wakes,
        "remote_wakes": metrics.remote_wakes,
        "parks": metrics.parks,
        "spins": metrics.spins,
        "busy_ns": metrics.busy.map(nanos),
        "parked_ns": metrics.parked.map(nanos),
        "idle_ns": metrics.idle.map(nanos),
        "busy_ratio": metrics.busy_ratio(),
        "timers_fired": metrics.timers_fired,
        "io_events": metrics.io_events,
        "poll_durations": metrics.poll_durations.as_ref().map(histogram),
        "scheduling_delays": metrics.scheduling_delays.as_ref().map(histogram),
    })
}

fn histogram(histogram: &Histogram) -> Value {
    let quantile = |q| nanos(histogram.quantile(q));
    json!({
        "count": histogram.count(),
        "mean_ns": nanos(histogram.mean()),
        "p50_ns": quantile(0.5),
        "p90_ns": quantile(0.9),
        "p99_ns": quantile(0.99),
        "p999_ns": quantile(0.999),
        "max_ns": nanos(histogram.max()),
    })
}
