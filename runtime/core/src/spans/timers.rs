//! The timers that a task waits for, as resources of tokio-console.
//!
//! Nobody tells of timers: what a poll has armed is seen by a look at the wheel behind it. A timer that comes
//! when another one of the task goes takes over its resource, so that an interval, or a loop around a sleep,
//! is one and not a thousand.

use std::time::Duration;

use tracing::{Span, trace, trace_span};

use super::made;
use crate::executor::TaskRef;
use crate::executor::panics::contain_quietly;
use crate::local::Local;
use crate::time::{Instant, TimerKey};

/// The timers of one task that are armed.
#[derive(Debug, Default)]
pub(super) struct Armed(Vec<Timer>);

#[derive(Debug)]
struct Timer {
    key: TimerKey,
    deadline: Instant,
    resource: Span,
    /// The wait for it.
    wait: Span,
}

impl Armed {
    /// Looks at what a poll has done, within the span of its task. `earlier` is the timer that was armed last
    /// before the poll.
    pub(super) fn look(&mut self, local: &Local, task: &TaskRef, earlier: Option<TimerKey>) {
        let mut new = Vec::new();
        local.timers.for_each_since(earlier, |key, waker| {
            if task.is_woken_by(waker) {
                new.push(key);
            }
        });
        new.retain(|key| self.0.iter().all(|timer| timer.key != *key));
        if new.is_empty() && self.0.is_empty() {
            return;
        }
        let now = local.clock.now();
        let (armed, mut gone): (Vec<Timer>, Vec<Timer>) =
            self.0.drain(..).partition(|timer| local.timers.is_armed(timer.key));
        self.0 = armed;
        for timer in gone.iter().filter(|timer| timer.deadline <= now) {
            timer.tell(true);
        }
        for key in new {
            let Some(deadline) = local.timers.deadline(key) else { continue };
            let timer = match gone.pop() {
                Some(timer) => Some(Timer { key, deadline, ..timer }),
                None => Timer::new(key, deadline),
            };
            if let Some(timer) = timer {
                timer.tell_duration(deadline.saturating_duration_since(now));
                timer.tell(false);
                self.0.push(timer);
            }
        }
        contain_quietly(|| drop(gone));
    }
}

impl Timer {
    fn new(key: TimerKey, deadline: Instant) -> Option<Timer> {
        let resource = made(|| {
            trace_span!(
                target: "runtime::time",
                parent: None,
                "runtime.resource",
                concrete_type = "Sleep",
                kind = "timer",
                is_internal = false,
            )
        })?;
        let wait = made(|| {
            resource.in_scope(|| {
                trace_span!(
                    target: "runtime::time",
                    "runtime.resource.async_op",
                    source = "Sleep::poll",
                )
            })
        })?;
        Some(Timer { key, deadline, resource, wait })
    }

    /// Tells how long it takes.
    fn tell_duration(&self, duration: Duration) {
        // What has passed since it was armed is not worth a millisecond.
        let duration = duration.saturating_add(Duration::from_micros(500));
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        contain_quietly(|| {
            self.resource.in_scope(|| {
                trace!(
                    target: "runtime::resource::state_update",
                    duration = milliseconds,
                    duration.unit = "ms",
                    duration.op = "override",
                );
            });
        });
    }

    /// Tells what a poll of it has come to.
    fn tell(&self, is_ready: bool) {
        contain_quietly(|| {
            let _resource = self.resource.enter();
            let _wait = self.wait.enter();
            trace!(target: "runtime::resource::poll_op", op_name = "poll_elapsed", is_ready);
        });
    }
}
