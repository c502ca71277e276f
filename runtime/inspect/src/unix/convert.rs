//! From what the core tells to what goes over the socket.

use std::cmp::Reverse;
use std::time::Duration;

use runtime_core::inspect::{self, Awaits, TaskInfo, TaskState, Waiter};

use crate::protocol::{Histogram, Metrics, Order, Relation, Snapshot, State, Task};

pub(super) fn snapshot(
    id: u64,
    taken: Duration,
    snapshot: &inspect::Snapshot,
    order: Order,
    limit: usize,
) -> Snapshot {
    let main = snapshot.main.iter().map(|main| (main, true));
    let mut tasks: Vec<_> = main.chain(snapshot.tasks.iter().map(|task| (task, false))).collect();
    let total_tasks = tasks.len();
    match order {
        Order::Id => tasks.sort_by_key(|(task, _)| task.id),
        Order::Busy => tasks.sort_by_key(|(task, _)| Reverse(task.busy)),
        Order::Polls => tasks.sort_by_key(|(task, _)| Reverse(task.polls)),
    }
    tasks.truncate(limit);
    Snapshot {
        id,
        taken_ns: nanoseconds(taken),
        total_tasks,
        tasks: tasks.into_iter().map(|(info, main)| task(info, main)).collect(),
        metrics: metrics(&snapshot.metrics),
    }
}

fn task(info: &TaskInfo, main: bool) -> Task {
    Task {
        id: info.id.number(),
        name: info.name.as_deref().map(str::to_owned),
        main,
        location: info.location.to_string(),
        state: match info.state {
            TaskState::Running => State::Running,
            TaskState::Ready => State::Ready,
            TaskState::Waiting => State::Waiting,
            _ => State::Other,
        },
        polls: info.polls,
        busy_ns: info.busy.map(nanoseconds),
        awaits: info.awaits.iter().map(awaited).collect(),
        awaited_by: info.awaited_by.iter().map(waiter).collect(),
    }
}

fn awaited(awaits: &Awaits) -> Relation {
    let task = match awaits {
        Awaits::Task(id) => Some(id.number()),
        _ => None,
    };
    Relation { what: awaits.to_string(), task }
}

fn waiter(waiter: &Waiter) -> Relation {
    let task = match waiter {
        Waiter::Task(id) | Waiter::Main(id) => Some(id.number()),
        _ => None,
    };
    Relation { what: waiter.to_string(), task }
}

fn metrics(metrics: &inspect::Metrics) -> Metrics {
    Metrics {
        live_tasks: metrics.live_tasks,
        queue_depth: metrics.queue_depth,
        armed_timers: metrics.armed_timers,
        registered_sources: metrics.registered_sources,
        blocking_jobs: metrics.blocking_jobs,
        inspected_for_ns: metrics.inspected_for.map(nanoseconds),
        spawned: metrics.spawned,
        completed: metrics.completed,
        passes: metrics.passes,
        polls: metrics.polls,
        local_wakes: metrics.local_wakes,
        remote_wakes: metrics.remote_wakes,
        parks: metrics.parks,
        spins: metrics.spins,
        busy_ns: metrics.busy.map(nanoseconds),
        parked_ns: metrics.parked.map(nanoseconds),
        idle_ns: metrics.idle.map(nanoseconds),
        timers_fired: metrics.timers_fired,
        io_events: metrics.io_events,
        poll_durations: metrics.poll_durations.as_ref().map(histogram),
        scheduling_delays: metrics.scheduling_delays.as_ref().map(histogram),
    }
}

fn histogram(histogram: &inspect::Histogram) -> Histogram {
    Histogram {
        count: histogram.count(),
        sum_ns: nanoseconds(histogram.sum()),
        max_ns: nanoseconds(histogram.max()),
        buckets: histogram.iter().map(|(middle, count)| (nanoseconds(middle), count)).collect(),
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
