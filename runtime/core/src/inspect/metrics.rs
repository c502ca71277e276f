//! How a loop is doing.

use std::time::Duration;

use super::Histogram;

/// How a loop is doing; see [`Handle::metrics`](crate::Handle::metrics).
///
/// The first part is there at all times. What is counted only while the loop is
/// [inspected](crate::Builder::inspect) is `None` otherwise, and counts from the moment when inspection was
/// turned on.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// Tasks that have not finished.
    pub live_tasks: usize,
    /// Tasks and callbacks that are ready to run.
    pub queue_depth: usize,
    /// Timers that are armed: sleeps, timeouts, `call_later`.
    pub armed_timers: usize,
    /// Sources of I/O that are registered.
    pub registered_sources: usize,
    /// Blocking jobs that tasks wait for.
    pub blocking_jobs: usize,

    /// For how long the loop has been inspected.
    pub inspected_for: Option<Duration>,
    /// Tasks spawned.
    pub spawned: Option<u64>,
    /// Tasks that have come to their end: by themselves, by a panic, or by being cancelled.
    pub completed: Option<u64>,
    /// Passes over what was ready.
    pub passes: Option<u64>,
    /// Polls of tasks and of the main future, and calls of callbacks.
    pub polls: Option<u64>,
    /// Times that a task was woken by the loop's own thread, its timers and its sources.
    pub local_wakes: Option<u64>,
    /// Times that a task was woken by other threads.
    pub remote_wakes: Option<u64>,
    /// Times that the loop waited for something to happen.
    pub parks: Option<u64>,
    /// Those among them that it began by spinning; see [`Builder::spin`](crate::Builder::spin).
    pub spins: Option<u64>,
    /// Time that the loop spent in polls and callbacks.
    pub busy: Option<Duration>,
    /// Time that the loop waited for something to happen, be it spinning or asleep.
    pub parked: Option<Duration>,
    /// Time in which nobody ran the loop: before its first run, between two of them, and between two turns of
    /// a loop that is driven by [`Runtime::turn`](crate::Runtime::turn).
    pub idle: Option<Duration>,
    /// Timers that have fired.
    pub timers_fired: Option<u64>,
    /// Events that sources had for the loop.
    pub io_events: Option<u64>,
    /// How long each poll and each callback took.
    pub poll_durations: Option<Histogram>,
    /// How long each task that had been woken waited for its turn.
    pub scheduling_delays: Option<Histogram>,
}

impl Metrics {
    /// Whether the loop is inspected, so that everything is counted.
    pub fn is_inspected(&self) -> bool {
        self.inspected_for.is_some()
    }

    /// The share of the time, from 0 to 1, in which the loop had something to do: it was run, and did not wait
    /// for something to happen. `None` unless it is inspected. For the share since an earlier moment, subtract
    /// the figures of two snapshots.
    ///
    /// A loop that spins ([`Builder::spin`](crate::Builder::spin)) waits, although its thread keeps a processor
    /// busy meanwhile.
    pub fn busy_ratio(&self) -> Option<f64> {
        let (all, free) = (self.inspected_for?, self.parked? + self.idle?);
        if all.is_zero() {
            return Some(0.0);
        }
        Some((1.0 - free.as_secs_f64() / all.as_secs_f64()).clamp(0.0, 1.0))
    }
}
