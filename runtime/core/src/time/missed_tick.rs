//! What an interval does about the ticks that nobody waited for.

use std::time::Duration;

use super::Instant;

/// A tick that is late by no more than this is taken to be on time, lest every tick be put off by what waking
/// up costs.
const ON_TIME: Duration = Duration::from_millis(5);

/// Says when an [`Interval`](super::Interval) ticks next after it was kept waiting.
///
/// Ticks are missed when the time between two calls of [`tick`](super::Interval::tick) exceeds the period: a
/// slow request, a busy loop, a suspended machine.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, MissedTickBehavior, interval};
///
/// # runtime::run(async {
/// let mut heartbeat = interval(Duration::from_millis(50));
/// // A late heartbeat is good enough; three at once are of no use.
/// heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
/// # })
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MissedTickBehavior {
    /// Ticks without a pause until it has caught up.
    ///
    /// ```text
    /// expected ticks: |     1     |     2     |     3     |     4     |     5     |     6     |
    /// actual ticks:   | work -----|          delay          | work | work | work -| work -----|
    /// ```
    #[default]
    Burst,
    /// Ticks a full period after the late tick, and every period from there.
    ///
    /// A tick counts as late from 5 milliseconds on, or half a period where that is less.
    ///
    /// ```text
    /// expected ticks: |     1     |     2     |     3     |     4     |     5     |     6     |
    /// actual ticks:   | work -----|          delay          | work -----| work -----| work -----|
    /// ```
    Delay,
    /// Leaves out what was missed, and ticks next when it would have ticked anyway.
    ///
    /// ```text
    /// expected ticks: |     1     |     2     |     3     |     4     |     5     |     6     |
    /// actual ticks:   | work -----|          delay          | work ---| work -----| work -----|
    /// ```
    Skip,
}

impl MissedTickBehavior {
    /// Returns the moment of the next tick, when the one of the moment `tick` is delivered `now`.
    pub(super) fn next_tick(self, tick: Instant, now: Instant, period: Duration) -> Instant {
        let late = now.duration_since(tick);
        match self {
            Self::Delay if late > ON_TIME.min(period / 2) => now + period,
            Self::Skip if late >= period => {
                // Within one period, hence within 64 bits of nanoseconds if `late` is.
                let into_period = late.as_nanos() % period.as_nanos();
                now + (period - nanoseconds(into_period))
            }
            _ => tick + period,
        }
    }
}

/// Turns a number of nanoseconds into a duration.
fn nanoseconds(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    let seconds = u64::try_from(nanos / SECOND).unwrap_or(u64::MAX);
    // The remainder is below a thousand million.
    Duration::new(seconds, (nanos % SECOND) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(100);

    fn next(behavior: MissedTickBehavior, late: u64) -> Duration {
        let tick = Instant::now();
        behavior.next_tick(tick, tick + Duration::from_millis(late), PERIOD) - tick
    }

    #[test]
    fn a_tick_on_time_keeps_the_rhythm() {
        for behavior in
            [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip]
        {
            assert_eq!(next(behavior, 0), PERIOD);
            assert_eq!(next(behavior, 5), PERIOD);
        }
    }

    #[test]
    fn a_late_tick_is_followed_according_to_the_behavior() {
        let ms = Duration::from_millis;
        assert_eq!(next(MissedTickBehavior::Burst, 250), ms(100));
        assert_eq!(next(MissedTickBehavior::Delay, 250), ms(350));
        assert_eq!(next(MissedTickBehavior::Delay, 6), ms(106));
        assert_eq!(next(MissedTickBehavior::Skip, 250), ms(300));
        assert_eq!(next(MissedTickBehavior::Skip, 99), ms(100));
        assert_eq!(next(MissedTickBehavior::Skip, 100), ms(200));
        assert_eq!(next(MissedTickBehavior::Skip, 300), ms(400));
    }

    #[test]
    fn extreme_periods_do_not_overflow() {
        let tick = Instant::now();
        let far = tick + Duration::MAX;
        for behavior in
            [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip]
        {
            for period in [Duration::from_nanos(1), Duration::MAX] {
                for now in [tick, tick + PERIOD, far] {
                    assert!(behavior.next_tick(tick, now, period) > tick);
                }
            }
        }
    }
}
