//! Moments of a clock that tests can hold.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::sync::LazyLock;
use std::time::Duration;

use super::{clock, monotonic};

/// A moment of the loop's monotonic clock.
///
/// It is much like [`std::time::Instant`], into which it converts and from which it is made, and differs in
/// two ways. First, [`Instant::now`] tells the virtual time of the current loop if that has been
/// [paused](super::pause): code that takes the time here can be tested without waiting. Second, adding never
/// overflows: what lies more than four centuries ahead is [`Instant::NEVER`], and a timer with that deadline
/// does not fire.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, sleep};
///
/// # runtime::run(async {
/// let start = Instant::now();
/// sleep(Duration::from_millis(2)).await;
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// # })
/// ```
// A plain number because the standard library's `Instant` gives its own away through `duration_since` only,
// at 55 instructions for every timer; armed, polled and dropped, one costs 170 in all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// What the clock counted from is not zero, so that there is time before: 146 years, in nanoseconds.
const ORIGIN: u64 = 1 << 62;

impl Instant {
    /// The last moment there is, for deadlines that are never reached.
    pub const NEVER: Self = Self(u64::MAX);

    /// Returns the present moment: that of the current loop if its clock has been paused, otherwise the
    /// system's.
    #[inline]
    #[must_use]
    pub fn now() -> Self {
        clock::now()
    }

    /// Returns the present moment of the system's clock.
    #[inline]
    pub(super) fn real() -> Self {
        Self(monotonic::nanos().wrapping_add(ORIGIN))
    }

    /// Takes over a moment of the standard library's clock. It is never before the given one, and after it by
    /// no more than the time between two readings of the clock.
    #[must_use]
    pub fn from_std(moment: std::time::Instant) -> Self {
        let anchor = &*ANCHOR;
        match moment.checked_duration_since(anchor.std) {
            Some(after) => anchor.ours.saturating_add(after),
            None => anchor.ours.checked_sub(anchor.std.duration_since(moment)).unwrap_or(Self(0)),
        }
    }

    /// Returns the same moment for the standard library, the reverse of [`from_std`](Self::from_std).
    #[must_use]
    pub fn into_std(self) -> std::time::Instant {
        let anchor = &*ANCHOR;
        // Some systems' clocks do not reach back before the machine was started; none fails to reach far
        // ahead.
        match self.checked_duration_since(anchor.ours) {
            Some(after) => anchor.std.checked_add(after),
            None => anchor.std.checked_sub(anchor.ours.duration_since(self)),
        }
        .unwrap_or(anchor.std)
    }

    /// Returns the time from `earlier` to this moment, or zero if `earlier` is later.
    #[inline]
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Returns the time from `earlier` to this moment, or `None` if `earlier` is later.
    #[inline]
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.0.checked_sub(earlier.0).map(Duration::from_nanos)
    }

    /// Returns the time from `earlier` to this moment, or zero if `earlier` is later.
    #[inline]
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }

    /// Returns the time since this moment, or zero if it is still to come.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }

    /// Returns the moment `duration` later, or `None` if that is not before [`Instant::NEVER`].
    #[inline]
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        Some(self.saturating_add(duration)).filter(|&sum| sum != Self::NEVER)
    }

    /// Returns the moment `duration` earlier, or `None` if that is more than a century before the machine was
    /// started.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        let nanos = u64::try_from(duration.as_nanos()).ok()?;
        self.0.checked_sub(nanos).map(Self)
    }

    /// Returns the moment `duration` later, or [`Instant::NEVER`].
    #[inline]
    #[must_use]
    pub fn saturating_add(&self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// Returns the moment as the wheel counts it.
    #[inline]
    pub(super) fn nanos(self) -> u64 {
        self.0
    }

    /// Returns the moment that the wheel counts so.
    #[inline]
    pub(super) fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }
}

/// One moment as both clocks tell it.
struct Anchor {
    std: std::time::Instant,
    ours: Instant,
}

/// Ours is read last, so that a deadline taken from the standard library is not early.
static ANCHOR: LazyLock<Anchor> =
    LazyLock::new(|| Anchor { std: std::time::Instant::now(), ours: Instant::real() });

impl fmt::Debug for Instant {
    /// Shows the time since the machine was started, or since the process began to look.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = Self(ORIGIN);
        match self.checked_duration_since(origin) {
            Some(after) => write!(f, "Instant({after:?})"),
            None => write!(f, "Instant(-{:?})", origin.duration_since(*self)),
        }
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Adds as [`saturating_add`](Instant::saturating_add) does, so that any duration makes a deadline.
    #[inline]
    fn add(self, duration: Duration) -> Self {
        self.saturating_add(duration)
    }
}

impl AddAssign<Duration> for Instant {
    #[inline]
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    /// Returns the moment `duration` earlier.
    ///
    /// # Panics
    ///
    /// If that is more than a century before the machine was started; [`checked_sub`](Instant::checked_sub)
    /// does not.
    #[track_caller]
    fn sub(self, duration: Duration) -> Self {
        self.checked_sub(duration).expect("no overflow when subtracting a duration from an instant")
    }
}

impl SubAssign<Duration> for Instant {
    #[track_caller]
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// Returns the time from `earlier` to this moment, or zero if `earlier` is later.
    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}

impl From<std::time::Instant> for Instant {
    fn from(moment: std::time::Instant) -> Self {
        Self::from_std(moment)
    }
}

impl From<Instant> for std::time::Instant {
    fn from(moment: Instant) -> Self {
        moment.into_std()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_moment() {
        let now = std::time::Instant::now();
        let ours = Instant::from_std(now);
        assert_eq!(ours.into_std(), now);
        assert_eq!((ours + Duration::from_secs(7)).into_std(), now + Duration::from_secs(7));
        let earlier = ours - Duration::from_millis(1);
        assert_eq!(Instant::from_std(earlier.into_std()), earlier);
    }

    #[test]
    fn a_moment_of_the_standard_library_is_not_early() {
        let before = std::time::Instant::now();
        let ours = Instant::now();
        let after = std::time::Instant::now();
        let slack = Duration::from_secs(60);
        assert!(Instant::from_std(before) <= ours + slack && ours <= Instant::from_std(after));
    }

    #[test]
    fn adding_saturates_and_subtracting_is_checked() {
        let now = Instant::now();
        assert_eq!(now + Duration::MAX, Instant::NEVER);
        assert_eq!(now.checked_add(Duration::MAX), None);
        assert_eq!(Instant::NEVER + Duration::from_nanos(1), Instant::NEVER);
        assert_eq!(now.checked_sub(Duration::MAX), None);
        assert!(now.checked_sub(Duration::from_secs(100 * 365 * 86_400)).is_some());
        assert_eq!(now - (now + Duration::from_secs(1)), Duration::ZERO);
        assert_eq!((now + Duration::from_secs(1)) - now, Duration::from_secs(1));
    }

    #[test]
    fn debug_output_shows_the_time_since_the_start() {
        let moment = Instant(ORIGIN) + Duration::from_millis(1_500);
        assert_eq!(format!("{moment:?}"), "Instant(1.5s)");
        assert_eq!(format!("{:?}", moment - Duration::from_secs(2)), "Instant(-500ms)");
    }
}
