//! Moments of a clock that tests can hold.

use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use super::clock;

/// A moment of the loop's monotonic clock.
///
/// It is a [`std::time::Instant`] for all purposes but one: [`Instant::now`] tells the virtual time of the current loop if that
/// has been [paused](super::pause). Code that takes the time here can be tested without waiting.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(std::time::Instant);

impl Instant {
    /// Returns the present moment: that of the current loop if its clock has been paused, otherwise the system's.
    #[inline]
    #[must_use]
    pub fn now() -> Self {
        Self(clock::now())
    }

    /// Takes over a moment of the standard library's clock.
    #[inline]
    #[must_use]
    pub const fn from_std(moment: std::time::Instant) -> Self {
        Self(moment)
    }

    /// Returns the same moment for the standard library.
    #[inline]
    #[must_use]
    pub const fn into_std(self) -> std::time::Instant {
        self.0
    }

    /// Returns the time from `earlier` to this moment, or zero if `earlier` is later.
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// Returns the time from `earlier` to this moment, or `None` if `earlier` is later.
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.0.checked_duration_since(earlier.0)
    }

    /// Returns the time from `earlier` to this moment, or zero if `earlier` is later.
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// Returns the time since this moment, or zero if it is still to come.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }

    /// Returns the moment `duration` later, or `None` if the clock cannot count that far.
    #[inline]
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }

    /// Returns the moment `duration` earlier, or `None` if the clock cannot count that far.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(duration).map(Self)
    }

    /// Returns the moment `duration` later, or one in the far future, centuries away, if the clock cannot count that far.
    #[inline]
    #[must_use]
    pub fn saturating_add(&self, duration: Duration) -> Self {
        self.checked_add(duration).unwrap_or_else(|| self.far_future())
    }

    /// Returns a moment after all that are told apart by timers.
    #[cold]
    fn far_future(self) -> Self {
        // How far clocks count differs between systems, and none says how far.
        let farthest =
            (40..64).rev().find_map(|bits| self.0.checked_add(Duration::from_secs(1 << bits)));
        Self(farthest.unwrap_or(self.0))
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
    /// If the clock cannot count that far back, as the standard library's `Instant` does;
    /// [`checked_sub`](Instant::checked_sub) does not.
    #[track_caller]
    fn sub(self, duration: Duration) -> Self {
        Self(self.0 - duration)
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
        Self(moment)
    }
}

impl From<Instant> for std::time::Instant {
    fn from(moment: Instant) -> Self {
        moment.0
    }
}
