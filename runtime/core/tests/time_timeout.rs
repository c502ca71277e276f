//! A timeout keeps what its future returns, and ends when the future does not.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::channel::oneshot;
use runtime::task::{coop, yield_now};
use runtime::time::{Instant, advance, sleep, timeout, timeout_at};
use runtime::{Builder, Runtime};
use tokio_test::task;
use tokio_test::{assert_pending, assert_ready, assert_ready_eq};

const SECOND: Duration = Duration::from_secs(1);

fn paused(test: impl Future<Output = ()>) {
    Builder::new().start_paused(true).build().unwrap().block_on(test);
}

#[test]
fn a_future_that_is_ready_needs_no_time() {
    paused(async {
        assert_eq!(timeout(SECOND, ready(1)).await, Ok(1));
        assert_eq!(timeout_at(Instant::now() - SECOND, ready(2)).await, Ok(2));
    });
}

#[test]
fn a_future_that_is_late_is_given_up() {
    paused(async {
        let start = Instant::now();
        let error = timeout(SECOND, pending::<()>()).await.unwrap_err();
        assert_eq!(start.elapsed(), SECOND);
        assert_eq!(error.to_string(), "deadline has elapsed");
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);
    });
}

#[test]
fn a_value_that_races_its_timeout_is_not_lost() {
    paused(async {
        let (sender, receiver) = oneshot::channel();
        let mut limited = task::spawn(timeout(SECOND, receiver));
        assert_pending!(limited.poll());
        // Both are there when it is polled next.
        advance(2 * SECOND).await;
        sender.send(7).unwrap();
        assert!(limited.is_woken());
        assert_ready_eq!(limited.poll(), Ok(Ok(7)));
    });
}

#[test]
fn the_future_survives_its_timeout() {
    paused(async {
        let (sender, receiver) = oneshot::channel();
        let mut limited = timeout(SECOND, receiver);
        let mut polled = task::spawn(&mut limited);
        assert_pending!(polled.poll());
        advance(SECOND).await;
        assert!(assert_ready!(polled.poll()).is_err());
        drop(polled);
        sender.send(3).unwrap();
        assert_eq!(limited.into_inner().await, Ok(3));
    });
}

#[test]
fn the_limit_can_be_moved() {
    paused(async {
        let start = Instant::now();
        let mut limited = pin!(timeout(SECOND, pending::<()>()));
        assert_eq!(limited.deadline(), start + SECOND);
        limited.as_mut().reset(start + 5 * SECOND);
        assert!(limited.await.is_err());
        assert_eq!(start.elapsed(), 5 * SECOND);
    });
}

#[test]
fn a_future_that_uses_up_the_budget_does_not_get_around_its_limit() {
    paused(async {
        let greedy = poll_fn::<(), _>(|cx| {
            while let Poll::Ready(budget) = coop::poll_proceed(cx) {
                budget.made_progress();
            }
            Poll::Pending
        });
        let limited = runtime::spawn(timeout(SECOND, greedy));
        advance(SECOND).await;
        assert!(limited.await.unwrap().is_err());
    });
}

#[test]
fn a_deadline_that_has_passed_strikes_at_the_first_suspension() {
    Runtime::new().unwrap().block_on(async {
        let begun = Cell::new(false);
        let work = async {
            begun.set(true);
            yield_now().await;
        };
        let mut limited = task::spawn(timeout_at(Instant::now(), work));
        assert!(matches!(limited.poll(), Poll::Ready(Err(_))));
        assert!(begun.get());
        assert_eq!(timeout_at(Instant::now(), async { 7 }).await, Ok(7));
    });
}

#[test]
fn timeouts_nest() {
    paused(async {
        let start = Instant::now();
        let inner = timeout(2 * SECOND, sleep(3 * SECOND));
        assert!(timeout(SECOND, inner).await.is_err());
        assert_eq!(start.elapsed(), SECOND);
        let inner = timeout(SECOND, sleep(3 * SECOND));
        assert!(timeout(2 * SECOND, inner).await.unwrap().is_err());
        assert_eq!(start.elapsed(), 2 * SECOND);
    });
}
