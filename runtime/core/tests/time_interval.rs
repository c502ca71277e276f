//! An interval ticks at regular moments, and makes up for missed ones as it is told.

use std::time::Duration;

use futures::StreamExt;
use runtime::Builder;
use runtime::time::{Instant, Interval, MissedTickBehavior, advance, interval, interval_at};
use tokio_test::task;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq};

const PERIOD: Duration = Duration::from_millis(100);

fn paused(test: impl Future<Output = ()>) {
    Builder::new().start_paused(true).build().unwrap().block_on(test);
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Polls every 10 ms and gives the moments at which there were ticks, in milliseconds, and how many.
async fn watch(interval: &mut Interval, start: Instant, until: u64) -> Vec<(u64, usize)> {
    let mut seen = Vec::new();
    loop {
        let now = start.elapsed().as_millis() as u64;
        let mut ticks = 0;
        while task::spawn(interval.tick()).poll().is_ready() {
            ticks += 1;
        }
        if ticks > 0 {
            seen.push((now, ticks));
        }
        if now >= until {
            return seen;
        }
        advance(ms(10)).await;
    }
}

/// Leaves an interval alone from its first tick for 350 ms.
async fn neglected(behavior: MissedTickBehavior) -> Vec<(u64, usize)> {
    let start = Instant::now();
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(behavior);
    assert_eq!(ticks.missed_tick_behavior(), behavior);
    assert_eq!(ticks.tick().await, start);
    advance(ms(350)).await;
    watch(&mut ticks, start, 660).await
}

#[test]
fn the_first_tick_is_ready_at_once() {
    paused(async {
        let mut ticks = interval(PERIOD);
        assert_ready_eq!(task::spawn(ticks.tick()).poll(), Instant::now());
        assert_pending!(task::spawn(ticks.tick()).poll());
    });
    // Also when the clock runs.
    runtime::run(async {
        let mut ticks = interval(PERIOD);
        assert_ready!(task::spawn(ticks.tick()).poll());
    });
}

#[test]
fn ticks_come_every_period() {
    paused(async {
        let start = Instant::now();
        let mut ticks = interval_at(start + ms(30), PERIOD);
        assert_eq!(ticks.period(), PERIOD);
        let expected = [(30, 1), (130, 1), (230, 1), (330, 1)];
        assert_eq!(watch(&mut ticks, start, 400).await, expected);
    });
}

#[test]
fn burst_catches_up() {
    paused(async {
        let seen = neglected(MissedTickBehavior::Burst).await;
        assert_eq!(seen, [(350, 3), (400, 1), (500, 1), (600, 1)]);
    });
}

#[test]
fn delay_starts_anew() {
    paused(async {
        let seen = neglected(MissedTickBehavior::Delay).await;
        assert_eq!(seen, [(350, 1), (450, 1), (550, 1), (650, 1)]);
    });
}

#[test]
fn skip_keeps_the_rhythm() {
    paused(async {
        let seen = neglected(MissedTickBehavior::Skip).await;
        assert_eq!(seen, [(350, 1), (400, 1), (500, 1), (600, 1)]);
    });
}

#[test]
fn resets_move_the_next_tick() {
    paused(async {
        let start = Instant::now();
        let mut ticks = interval(PERIOD);
        ticks.tick().await;
        advance(ms(50)).await;
        ticks.reset();
        assert_eq!(ticks.tick().await, start + ms(150));
        ticks.reset_after(ms(20));
        assert_eq!(ticks.tick().await, start + ms(170));
        assert_eq!(ticks.tick().await, start + ms(270));
        ticks.reset_at(start + ms(500));
        assert_eq!(ticks.tick().await, start + ms(500));
        advance(ms(50)).await;
        ticks.reset_immediately();
        assert_ready_eq!(task::spawn(ticks.tick()).poll(), start + ms(550));
        assert_eq!(ticks.tick().await, start + ms(650));
    });
}

#[test]
fn a_tick_that_is_dropped_half_way_is_not_lost() {
    paused(async {
        let start = Instant::now();
        let mut ticks = interval_at(start + PERIOD, PERIOD);
        assert_pending!(task::spawn(ticks.tick()).poll());
        advance(PERIOD).await;
        drop(ticks.tick());
        assert_eq!(ticks.tick().await, start + PERIOD);
    });
}

#[test]
fn an_interval_is_a_stream() {
    paused(async {
        let start = Instant::now();
        let ticks: Vec<_> = interval(PERIOD).take(4).collect().await;
        assert_eq!(ticks, [0, 100, 200, 300].map(|millis| start + ms(millis)));
    });
}

#[test]
#[should_panic(expected = "the period of an interval must not be zero")]
fn a_period_of_zero_panics() {
    interval(Duration::ZERO);
}
