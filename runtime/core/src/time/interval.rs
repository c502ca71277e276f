//! Ticks at regular moments.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::{Instant, MissedTickBehavior, Sleep, sleep_until};

/// Ticks now and then every `period`.
///
/// # Panics
///
/// If `period` is zero. Later calls of [`tick`](Interval::tick) panic when they have to wait outside of a
/// loop.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, interval};
///
/// # runtime::run(async {
/// let mut interval = interval(Duration::from_millis(2));
/// for _ in 0..3 {
///     interval.tick().await; // the first one at once
///     println!("tick");
/// }
/// # })
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now(), period);
    interval.sleep = Sleep::elapsed(interval.sleep.deadline());
    interval
}

/// Ticks at `start` and then every `period`.
///
/// # Panics
///
/// If `period` is zero. Later calls of [`tick`](Interval::tick) panic when they have to wait outside of a
/// loop.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, Instant, interval_at};
///
/// # runtime::run(async {
/// let period = Duration::from_millis(2);
/// let mut interval = interval_at(Instant::now() + period, period);
/// interval.tick().await; // after one period
/// # })
/// ```
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(
        !period.is_zero(),
        "the period of an interval must not be zero; to run as often as possible, call `yield_now` in a loop"
    );
    Interval {
        sleep: sleep_until(start),
        period,
        missed_tick_behavior: MissedTickBehavior::default(),
    }
}

/// A series of ticks, made by [`interval`] and [`interval_at`].
///
/// It differs from a sleep in a loop in that the time spent between two ticks counts as waiting. As a
/// [`Stream`] it never ends.
#[derive(Debug)]
pub struct Interval {
    /// Ends at the next tick.
    sleep: Sleep,
    period: Duration,
    missed_tick_behavior: MissedTickBehavior,
}

impl Interval {
    /// Waits for the next tick and returns the moment for which it was due, which is at or before the
    /// present.
    ///
    /// # Panics
    ///
    /// If it has to wait outside of a loop.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it completes, no tick has been consumed.
    pub async fn tick(&mut self) -> Instant {
        poll_fn(|cx| self.poll_tick(cx)).await
    }

    /// Polls for the next tick. The most recent caller's task is woken.
    ///
    /// # Panics
    ///
    /// If it has to wait outside of a loop.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(Pin::new(&mut self.sleep).poll(cx));
        let tick = self.sleep.deadline();
        let next = self.missed_tick_behavior.next_tick(tick, Instant::now(), self.period);
        self.sleep.reset(next);
        Poll::Ready(tick)
    }

    /// Starts anew: the next tick is one period from now.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::time::{Duration, Instant, interval};
    ///
    /// # runtime::run(async {
    /// let period = Duration::from_millis(3);
    /// let mut interval = interval(period);
    /// interval.reset();
    /// let reset = Instant::now();
    /// interval.tick().await;
    /// assert!(reset.elapsed() >= period - Duration::from_millis(1));
    /// # })
    /// ```
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Starts anew: the next tick is now.
    pub fn reset_immediately(&mut self) {
        self.sleep = Sleep::elapsed(Instant::now());
    }

    /// Starts anew: the next tick is `after` from now.
    pub fn reset_after(&mut self, after: Duration) {
        self.reset_at(Instant::now() + after);
    }

    /// Starts anew: the next tick is at `deadline`.
    pub fn reset_at(&mut self, deadline: Instant) {
        self.sleep.reset(deadline);
    }

    /// Returns the time between two ticks.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period
    }

    /// Returns what happens when ticks are missed; at first [`MissedTickBehavior::Burst`].
    #[must_use]
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed_tick_behavior
    }

    /// Sets what happens when ticks are missed.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed_tick_behavior = behavior;
    }
}

impl Stream for Interval {
    type Item = Instant;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        self.poll_tick(cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}
