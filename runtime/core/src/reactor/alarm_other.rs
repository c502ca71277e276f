//! How a wait ends on time elsewhere: by the timeout of the call.
//!
//! kqueue counts in nanoseconds. What counts in milliseconds is rounded up by mio.

use std::time::{Duration, Instant};

/// Nothing: the call itself is precise enough.
#[derive(Debug)]
pub(super) struct Alarm;

impl Alarm {
    pub(super) fn new() -> Alarm {
        Alarm
    }

    /// Returns the timeout that the call needs to return at `deadline`.
    pub(super) fn set(
        &mut self,
        _registry: &mio::Registry,
        now: Instant,
        deadline: Instant,
    ) -> Option<Duration> {
        Some(deadline.saturating_duration_since(now))
    }

    /// Never called: nothing rings here.
    pub(super) fn rang(&mut self) {}
}
