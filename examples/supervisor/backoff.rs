//! How long to wait before a restart.

use std::time::Duration;

use crate::Options;

/// Whoever has run for as long has not failed.
const STEADY: Duration = Duration::from_secs(10);

/// Delays that grow with each failure in a row.
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    give_up: u32,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(options: &Options) -> Backoff {
        Backoff {
            first: Duration::from_secs_f64(options.first_delay),
            longest: Duration::from_secs_f64(options.longest_delay),
            give_up: options.give_up,
            failures: 0,
        }
    }

    /// The delay after a run of this length, or none if there have been too many.
    pub(crate) fn after(&mut self, run: Duration) -> Option<Duration> {
        self.failures = if run >= STEADY { 0 } else { self.failures + 1 };
        if self.failures >= self.give_up {
            return None;
        }
        let doublings = self.failures.saturating_sub(1).min(31);
        Some(self.first.saturating_mul(1 << doublings).min(self.longest))
    }
}
