//! A sleep can be given another deadline at any time.

use std::pin::pin;
use std::time::Duration;

use runtime::Builder;
use runtime::time::{Instant, advance, sleep};
use tokio_test::task;
use tokio_test::{assert_pending, assert_ready};

const SECOND: Duration = Duration::from_secs(1);

fn paused(test: impl Future<Output = ()>) {
    Builder::new().start_paused(true).build().unwrap().block_on(test);
}

#[test]
fn reset_to_a_later_deadline() {
    paused(async {
        let start = Instant::now();
        let mut sleep = task::spawn(sleep(SECOND));
        assert_pending!(sleep.poll());
        sleep.enter(|_, mut sleep| sleep.as_mut().reset(start + 3 * SECOND));
        advance(2 * SECOND).await;
        assert!(!sleep.is_woken());
        assert_pending!(sleep.poll());
        advance(SECOND).await;
        assert!(sleep.is_woken());
        assert_ready!(sleep.poll());
    });
}

#[test]
fn reset_to_an_earlier_deadline_wakes_without_another_poll() {
    paused(async {
        let start = Instant::now();
        let mut sleep = task::spawn(sleep(100 * SECOND));
        assert_pending!(sleep.poll());
        // It has entered the wheel when it is reset.
        advance(SECOND).await;
        sleep.enter(|_, mut sleep| sleep.as_mut().reset(start + 2 * SECOND));
        advance(SECOND).await;
        assert!(sleep.is_woken());
        assert_ready!(sleep.poll());
    });
}

#[test]
fn reset_into_the_past_is_ready_at_once() {
    paused(async {
        advance(10 * SECOND).await;
        let mut sleep = task::spawn(sleep(SECOND));
        assert_pending!(sleep.poll());
        sleep.enter(|_, mut sleep| sleep.as_mut().reset(Instant::now() - SECOND));
        assert_ready!(sleep.poll());
    });
}

#[test]
fn reset_into_the_past_wakes_without_another_poll() {
    paused(async {
        let mut sleep = task::spawn(sleep(SECOND));
        assert_pending!(sleep.poll());
        sleep.enter(|_, mut sleep| sleep.as_mut().reset(Instant::now() - SECOND));
        advance(Duration::ZERO).await;
        assert!(sleep.is_woken());
        assert_ready!(sleep.poll());
    });
}

#[test]
fn a_sleep_that_has_ended_can_be_used_again() {
    paused(async {
        let mut sleep = pin!(sleep(SECOND));
        sleep.as_mut().await;
        assert!(sleep.is_elapsed());
        for _ in 0..3 {
            let before = Instant::now();
            sleep.as_mut().reset(before + SECOND);
            assert!(!sleep.is_elapsed());
            sleep.as_mut().await;
            assert_eq!(before.elapsed(), SECOND);
        }
    });
}

#[test]
fn a_sleep_that_has_ended_stays_ready() {
    paused(async {
        let mut sleep = task::spawn(sleep(SECOND));
        assert_pending!(sleep.poll());
        advance(SECOND).await;
        assert_ready!(sleep.poll());
        assert_ready!(sleep.poll());
    });
}

#[test]
fn a_sleep_that_fired_but_was_reset_before_it_was_polled_waits_again() {
    paused(async {
        let mut sleep = task::spawn(sleep(SECOND));
        assert_pending!(sleep.poll());
        advance(SECOND).await;
        assert!(sleep.is_woken());
        sleep.enter(|_, mut sleep| sleep.as_mut().reset(Instant::now() + SECOND));
        assert_pending!(sleep.poll());
        advance(SECOND).await;
        assert!(sleep.is_woken());
        assert_ready!(sleep.poll());
    });
}

#[test]
fn a_reset_before_the_first_poll_counts() {
    paused(async {
        let start = Instant::now();
        let mut sleep = sleep(100 * SECOND);
        sleep.reset(start + SECOND);
        assert_eq!(sleep.deadline(), start + SECOND);
        sleep.await;
        assert_eq!(start.elapsed(), SECOND);
    });
}

#[test]
fn the_last_waker_is_the_one_that_is_woken() {
    paused(async {
        let mut sleep = Box::pin(sleep(SECOND));
        let mut first = task::spawn(());
        let mut second = task::spawn(());
        first.enter(|cx, _| assert!(sleep.as_mut().poll(cx).is_pending()));
        second.enter(|cx, _| assert!(sleep.as_mut().poll(cx).is_pending()));
        advance(SECOND).await;
        assert!(!first.is_woken());
        assert!(second.is_woken());
    });
}
