//! Whether to look again before parking.
//!
//! Waking an idle core takes longer than answering a message. If messages come so fast that the
//! next is due before the core would have gone to sleep, then looking again for a moment (spinning)
//! cuts the latency to a quarter. If they do not, it is a waste. The past decides.

use std::time::Duration;

use super::processors::processors;

/// How many short waits in a row make spinning a good bet.
const STREAK: u32 = 2;
/// How many it takes after many bets have been lost.
const LONGEST_STREAK: u32 = 1024;

/// The policy of the adaptive spin.
///
/// Waits shorter than the limit build up a streak, and a streak long enough is worth a spin. A wait
/// that was longer ends it, so an idle loop pays for one vain spin and no more; and each vain spin
/// doubles the streak that the next one takes, until one succeeds. That is for peers that need the
/// processor the loop would be spinning on. A wait that brought many events at once ends the streak
/// too: then the loop is under load, and parking for a moment gathers more work for the next turn,
/// while spinning would only cut it into smaller turns.
#[derive(Debug)]
pub(crate) struct Spin {
    limit: Duration,
    /// Short waits in a row, up to as many as are needed.
    streak: u32,
    needed: u32,
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
        Spin { limit: limit.unwrap_or_default(), streak: 0, needed: STREAK, processors }
    }

    /// Returns how long to spin at most.
    #[inline]
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Tells whether to spin before parking.
    #[inline]
    pub(crate) fn should_spin(&self) -> bool {
        self.streak >= self.needed
    }

    /// Learns from a wait, spun and parked together, that began with nothing to do.
    #[inline]
    pub(crate) fn record(&mut self, wait: Duration, events: usize) {
        let spun = self.should_spin();
        // Without events it was a timer that ended the wait: that could have been slept through.
        if wait >= self.limit || events == 0 {
            if spun {
                self.needed = (self.needed * 2).min(LONGEST_STREAK);
            }
            self.streak = 0;
        } else if events > Spin::FEW_EVENTS {
            self.streak = 0;
        } else if spun {
            self.needed = STREAK;
            self.streak = STREAK;
        } else {
            self.lengthen();
        }
    }

    fn lengthen(&mut self) {
        self.streak += 1;
        // Asked late, because the answer takes some reading of files.
        if self.streak == STREAK && (self.processors)() < 2 {
            self.limit = Duration::ZERO;
            self.streak = 0;
        }
    }
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
    fn each_vain_spin_takes_a_longer_streak_until_one_succeeds() {
        let mut spin = usual();
        for needed in [2, 4, 8, 16] {
            for _ in 0..needed {
                assert!(!spin.should_spin());
                spin.record(SHORT, 1);
            }
            assert!(spin.should_spin());
            spin.record(LONG, 1);
        }
        for _ in 0..32 {
            spin.record(SHORT, 1);
        }
        assert!(spin.should_spin());
        spin.record(SHORT, 1);
        spin.record(LONG, 1);
        for _ in 0..4 {
            assert!(!spin.should_spin());
            spin.record(SHORT, 1);
        }
        assert!(spin.should_spin());
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
    fn waits_for_timers_are_not_spun() {
        let mut spin = usual();
        for _ in 0..100 {
            spin.record(SHORT, 0);
            assert!(!spin.should_spin());
        }
        spin.record(SHORT, 1);
        spin.record(SHORT, 1);
        assert!(spin.should_spin());
        spin.record(SHORT, 0);
        assert!(!spin.should_spin());
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
