//! A group whose time is up is cancelled, and comes to its end like any other that is.

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{pending, ready};
use std::io;
use std::rc::Rc;

use runtime::task::{TaskGroup, cancelled, coop, yield_now};
use runtime::time::{Duration, Instant, advance, sleep, timeout};
use runtime::{Builder, Runtime};
use support::DropLog;

const SECOND: Duration = Duration::from_secs(1);

fn paused() -> Runtime {
    Builder::new().start_paused(true).build().expect("the loop is built")
}

#[test]
fn the_children_may_clean_up() {
    paused().block_on(async {
        let begin = Instant::now();
        let saved = Rc::new(Cell::new(false));
        let child_saved = saved.clone();
        let result = TaskGroup::builder().timeout(3 * SECOND).run(async |group| {
            group.spawn(async move {
                assert_eq!(cancelled().await, "its time limit has passed");
                sleep(SECOND).await;
                child_saved.set(true);
                Ok(())
            });
            pending::<Result<(), Infallible>>().await
        });
        let error = result.await.unwrap_err();
        assert!(error.is_elapsed() && error.is_cancelled());
        assert!(error.errors().is_empty());
        assert_eq!(error.to_string(), "the task group was cancelled: its time limit has passed");
        assert!(saved.get());
        assert_eq!(begin.elapsed(), 4 * SECOND);
    });
}

#[test]
fn the_grace_begins_when_the_time_is_up() {
    paused().block_on(async {
        let begin = Instant::now();
        let log = DropLog::new();
        let witness = log.local_witness();
        let limited = TaskGroup::builder().timeout(3 * SECOND).grace(2 * SECOND);
        let result = limited.run(async |group| {
            group.spawn(async move {
                let _witness = witness;
                cancelled().await;
                pending::<Result<(), Infallible>>().await
            });
            Ok(())
        });
        assert!(result.await.unwrap_err().is_elapsed(), "the body had ended well");
        log.assert_dropped_here(1);
        assert_eq!(begin.elapsed(), 5 * SECOND);
    });
}

#[test]
fn a_group_that_is_done_in_time_has_its_value() {
    paused().block_on(async {
        let begin = Instant::now();
        let limited = TaskGroup::builder().timeout(3 * SECOND);
        let result = limited.clone().run(async |group| {
            group.spawn(async {
                sleep(SECOND).await;
                Ok::<_, Infallible>(())
            });
            Ok("value")
        });
        assert_eq!(result.await.unwrap(), "value");
        assert_eq!(begin.elapsed(), SECOND);
        // What is ready in the very moment is not lost, and each run has a limit of its own.
        let result = limited.run(async |_| {
            sleep(3 * SECOND).await;
            Ok::<_, Infallible>("value")
        });
        assert_eq!(result.await.unwrap(), "value");
    });
}

#[test]
fn of_two_limits_the_earlier_counts() {
    paused().block_on(async {
        for (seconds, until) in [(1, 2), (2, 1)] {
            let begin = Instant::now();
            let result = TaskGroup::builder()
                .timeout(seconds * SECOND)
                .deadline(begin + until * SECOND)
                .run(async |_| pending::<Result<(), Infallible>>().await);
            assert!(result.await.unwrap_err().is_elapsed());
            assert_eq!(begin.elapsed(), SECOND);
        }
    });
}

#[test]
fn a_limit_that_has_passed_ends_the_body_at_its_first_suspension() {
    runtime::run(async {
        let begun = Cell::new(false);
        let result = TaskGroup::builder().deadline(Instant::now()).run(async |_| {
            begun.set(true);
            yield_now().await;
            Ok::<_, Infallible>(())
        });
        assert!(result.await.unwrap_err().is_elapsed());
        assert!(begun.get());
        let ready =
            TaskGroup::builder().timeout(Duration::ZERO).run(async |_| Ok::<_, Infallible>(7));
        assert_eq!(ready.await.unwrap(), 7);
    });
}

#[test]
fn a_body_that_uses_up_its_budget_does_not_get_around_the_limit() {
    paused().block_on(async {
        let time = runtime::spawn(async {
            loop {
                advance(SECOND / 2).await;
            }
        });
        let limited = TaskGroup::builder().timeout(SECOND);
        let result = limited.run(async |_| -> Result<(), Infallible> {
            loop {
                coop::cooperative(ready(())).await;
            }
        });
        assert!(result.await.unwrap_err().is_elapsed());
        time.abort();
    });
}

#[test]
fn a_group_that_fails_before_or_after_says_so() {
    paused().block_on(async {
        let before = TaskGroup::builder().timeout(2 * SECOND).run(async |group| {
            group.spawn(async {
                cancelled().await;
                sleep(5 * SECOND).await;
                Ok(())
            });
            sleep(SECOND).await;
            Err::<(), _>(io::Error::other("deliberate"))
        });
        let error = before.await.unwrap_err();
        assert!(!error.is_elapsed() && !error.is_cancelled());
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::Other);

        let after = TaskGroup::builder().timeout(SECOND).run(async |group| {
            group.spawn(async {
                cancelled().await;
                Err::<(), _>(io::Error::other("deliberate"))
            });
            Ok(())
        });
        let error = after.await.unwrap_err();
        assert!(error.is_elapsed());
        let expected =
            "the task group was cancelled (its time limit has passed), and then failed: deliberate";
        assert_eq!(error.to_string(), expected);
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::Other);

        let late = TaskGroup::builder().timeout(SECOND);
        let late = late.run(async |_| pending::<io::Result<()>>().await).await.unwrap_err();
        assert_eq!(io::Error::from(late).kind(), io::ErrorKind::TimedOut);
    });
}

#[test]
fn with_a_grace_of_zero_the_children_hear_of_it_once() {
    paused().block_on(async {
        // So that the timers have been looked at in this very moment.
        sleep(SECOND).await;
        let heard = Rc::new(Cell::new(0));
        let children_heard = heard.clone();
        let result = TaskGroup::builder().grace(Duration::ZERO).run(async |group| {
            for _ in 0..3 {
                let heard = children_heard.clone();
                group.spawn(async move {
                    cancelled().await;
                    heard.set(heard.get() + 1);
                    pending::<Result<(), Infallible>>().await
                });
            }
            yield_now().await;
            group.cancel("enough");
            Ok(())
        });
        result.await.unwrap();
        assert_eq!(heard.get(), 3);
    });
}

#[test]
fn a_timeout_around_a_group_aborts_its_children_unasked() {
    paused().block_on(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let group = TaskGroup::run(async |group| {
            group.spawn(async move {
                let _witness = witness;
                cancelled().await;
                sleep(SECOND).await;
                Ok(())
            });
            pending::<Result<(), Infallible>>().await
        });
        assert!(timeout(SECOND, group).await.is_err());
        yield_now().await;
        log.assert_dropped_here(1);
    });
}
