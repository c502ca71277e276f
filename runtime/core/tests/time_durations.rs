//! Every duration is accepted, and none ends early.

use std::future::ready;
use std::time::Duration;

use runtime::Builder;
use runtime::time::{Instant, advance, interval, interval_at, sleep, sleep_until, timeout};
use tokio_test::task;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq};

const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

fn paused(test: impl Future<Output = ()>) {
    Builder::new().start_paused(true).build().unwrap().block_on(test);
}

#[test]
fn the_longest_sleep_pends() {
    paused(async {
        let mut never = task::spawn(sleep(Duration::MAX));
        let mut neither = task::spawn(sleep_until(Instant::NEVER));
        assert_pending!(never.poll());
        assert_pending!(neither.poll());
        // The loop goes to the only deadline that is ever reached.
        sleep(CENTURY).await;
        assert!(!never.is_woken() && !neither.is_woken());
        assert_pending!(never.poll());
    });
}

#[test]
fn the_longest_sleep_can_be_shortened() {
    paused(async {
        let mut sleep = task::spawn(sleep(Duration::MAX));
        assert_pending!(sleep.poll());
        sleep.enter(|_, mut sleep| sleep.as_mut().reset(Instant::now() + CENTURY));
        advance(CENTURY).await;
        assert!(sleep.is_woken());
        assert_ready!(sleep.poll());
    });
}

#[test]
fn the_longest_timeout_and_period_are_harmless() {
    paused(async {
        assert_eq!(timeout(Duration::MAX, ready(1)).await, Ok(1));
        assert_eq!(timeout(Duration::MAX, async { sleep(CENTURY).await }).await, Ok(()));
        let mut ticks = interval(Duration::MAX);
        ticks.tick().await;
        let mut next = task::spawn(ticks.tick());
        assert_pending!(next.poll());
        drop(next);
        ticks.reset_after(Duration::MAX);
        ticks.reset_at(Instant::now());
        ticks.tick().await;
        let mut late = interval_at(Instant::now() + Duration::MAX, Duration::MAX);
        assert_pending!(task::spawn(late.tick()).poll());
    });
}

#[test]
fn advancing_by_the_longest_duration_comes_to_an_end() {
    paused(async {
        let far = runtime::spawn(sleep(2 * CENTURY));
        advance(Duration::MAX).await;
        far.await.unwrap();
    });
}

#[test]
fn sleeps_of_every_magnitude_end_at_their_moment() {
    paused(async {
        for bit in 0..62 {
            for duration in [(1 << bit) - 1, 1 << bit, (1 << bit) + 1].map(Duration::from_nanos) {
                let start = Instant::now();
                if start.checked_add(duration).is_none() {
                    return;
                }
                sleep(duration).await;
                assert_eq!(start.elapsed(), duration);
            }
        }
    });
}

#[test]
fn a_sleep_of_zero_gives_way_once() {
    runtime::run(async {
        let mut zero = task::spawn(sleep(Duration::ZERO));
        assert_pending!(zero.poll());
        sleep(Duration::ZERO).await;
        assert!(zero.is_woken());
        assert_ready!(zero.poll());
    });
}

#[test]
fn a_sleep_of_zero_gives_way_while_the_clock_stands_still() {
    paused(async {
        sleep(Duration::from_secs(1)).await;
        // The timers have been looked at in this very moment.
        let now = Instant::now();
        let mut zero = task::spawn(sleep(Duration::ZERO));
        assert_pending!(zero.poll());
        sleep(Duration::ZERO).await;
        assert!(zero.is_woken());
        assert_ready!(zero.poll());
        assert_eq!(Instant::now(), now);
    });
}

#[test]
fn a_deadline_in_the_past_is_reached() {
    runtime::run(async {
        for ago in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(1), CENTURY] {
            sleep_until(Instant::now() - ago).await;
        }
    });
}

#[test]
fn real_sleeps_are_never_early() {
    runtime::run(async {
        let mut tasks = Vec::new();
        for micros in (0..5_000).step_by(97) {
            tasks.push(runtime::spawn(async move {
                let duration = Duration::from_micros(micros) + Duration::from_nanos(micros);
                let start = std::time::Instant::now();
                sleep(duration).await;
                assert!(start.elapsed() >= duration);
                let deadline = std::time::Instant::now() + duration;
                sleep_until(deadline.into()).await;
                assert!(std::time::Instant::now() >= deadline);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn a_timeout_of_zero_strikes_at_the_first_suspension() {
    runtime::run(async {
        assert_ready_eq!(task::spawn(timeout(Duration::ZERO, ready(5))).poll(), Ok(5));
        let mut suspended = task::spawn(timeout(Duration::ZERO, runtime::task::yield_now()));
        assert!(assert_ready!(suspended.poll()).is_err());
    });
}
