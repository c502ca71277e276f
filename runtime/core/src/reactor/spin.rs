//! Whether to look again before parking.
//!
//! Waking an idle core takes longer than answering a message. If messages come so fast that the next is due
//! before the core would have gone to sleep, then looking again for a moment (spinning) cuts the latency to a
//! quarter. If they do not, it is a waste. The past decides.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

/// How many short waits in a row make spinning a good bet.
const STREAK: u32 = 2;

/// The policy of the adaptive spin.
///
/// Waits shorter than the limit build up a streak; a wait that was longer ends it, so an idle loop pays for one
/// vain spin and no more. So does a wait that brought many events at once: then the loop is under
/// load, and parking for a moment gathers more work for the next turn, while spinning would only
/// cut it into smaller turns.
#[derive(Debug)]
pub(crate) struct Spin {
    limit: Duration,
    streak: u32,
    processors: fn() -> usize,
}

impl Spin {
    /// How long to spin unless the builder says otherwise.
    pub(crate) const DEFAULT_LIMIT: Duration = Duration::from_micros(50);

    /// More events than this in one wait are load.
    const FEW_EVENTS: usize = 2;

    /// Spins for `limit` at most; not at all if that is `None` or zero, or if there is only one
    /// processor, which the one waited for may need.
    pub(crate) fn new(limit: Option<Duration>) -> Spin {
        Spin { limit: limit.unwrap_or_default(), streak: 0, processors }
    }

    /// Returns how long to spin at most.
    #[inline]
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Tells whether to spin before parking.
    #[inline]
    pub(crate) fn should_spin(&self) -> bool {
        self.streak >= STREAK
    }

    /// Learns from a wait, spun and parked together, that began with nothing to do.
    #[inline]
    pub(crate) fn record(&mut self, wait: Duration, events: usize) {
        if wait >= self.limit || events > Spin::FEW_EVENTS {
            self.streak = 0;
        } else if self.streak < STREAK {
            self.lengthen();
        }
    }

    #[cold]
    fn lengthen(&mut self) {
        // Asked late, because the answer takes some reading of files.
        if self.streak + 1 < STREAK || (self.processors)() > 1 {
            self.streak += 1;
        }
    }
}

fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, Into::into))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_micros(5);
    const LONG: Duration = Duration::from_millis(5);

    fn spin(limit: Option<Duration>, processors: fn() -> usize) -> Spin {
        Spin { processors, ..Spin::new(limit) }
    }

    fn usual() -> Spin {
        spin(Some(Spin::DEFAULT_LIMIT), || 2)
    }

    #[test]
    fn nothing_is_spun_at_first() {
        assert!(!usual().should_spin());
    }

    #[test]
    fn short_waits_start_it_and_one_long_wait_ends_it() {
        let mut spin = usual();
        spin.record(SHORT, 1);
        assert!(!spin.should_spin());
        spin.record(SHORT, 1);
        assert!(spin.should_spin());
        spin.record(LONG, 1);
        assert!(!spin.should_spin());
        spin.record(SHORT, 1);
        assert!(!spin.should_spin());
    }

    #[test]
    fn a_loop_under_load_does_not_spin() {
        let mut spin = usual();
        for _ in 0..10 {
            spin.record(SHORT, 30);
            assert!(!spin.should_spin());
        }
    }

    #[test]
    fn it_can_be_turned_off() {
        for limit in [None, Some(Duration::ZERO)] {
            let mut spin = spin(limit, || 2);
            for _ in 0..10 {
                spin.record(Duration::ZERO, 1);
                assert!(!spin.should_spin());
            }
        }
    }

    #[test]
    fn one_processor_never_spins() {
        let mut spin = spin(Some(Spin::DEFAULT_LIMIT), || 1);
        for _ in 0..10 {
            spin.record(SHORT, 1);
            assert!(!spin.should_spin());
        }
    }
}
