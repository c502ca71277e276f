//! A timeout scope ends what runs under it at a limit that may be moved, and never loses what is ready.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use futures::FutureExt;
use futures::future::join;
use runtime::time::{Duration, Instant, TimeoutScope, sleep, sleep_until};
use runtime::{Builder, Runtime, task};

fn paused() -> Runtime {
    Builder::new().start_paused(true).build().expect("the loop is built")
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_future_in_time_has_its_output() {
    paused().block_on(async {
        let scope = TimeoutScope::after(SECOND);
        assert_eq!(scope.run(sleep(SECOND / 2).map(|()| 7)).await, Ok(7));
        assert!(!scope.expired());
    });
}

#[test]
fn a_future_out_of_time_is_told_so_at_the_limit() {
    paused().block_on(async {
        let begin = Instant::now();
        let scope = TimeoutScope::at(begin + SECOND);
        assert_eq!(scope.when(), Some(begin + SECOND));
        assert!(scope.run(pending::<()>()).await.is_err());
        assert!(scope.expired());
        assert!(begin.elapsed() >= SECOND && begin.elapsed() < 2 * SECOND);
    });
}

#[test]
fn without_a_limit_nothing_ends() {
    paused().block_on(async {
        let scope = TimeoutScope::default();
        assert_eq!(scope.when(), None);
        assert_eq!(scope.run(sleep(1000 * SECOND).map(|()| 7)).await, Ok(7));
        let endless = TimeoutScope::after(Duration::MAX);
        assert_eq!(endless.run(sleep(1000 * SECOND).map(|()| 7)).await, Ok(7));
    });
}

#[test]
fn a_limit_of_zero_is_reached_at_the_first_suspension() {
    paused().block_on(async {
        let scope = TimeoutScope::after(Duration::ZERO);
        assert_eq!(scope.run(ready(7)).await, Ok(7));
        assert!(!scope.expired());
        let polls = Cell::new(0);
        let pending = poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        });
        assert_eq!(scope.run(pending).now_or_never().map(|outcome| outcome.is_err()), Some(true));
        assert_eq!(polls.get(), 1);
        assert!(scope.expired());
    });
}

#[test]
fn what_is_ready_when_the_time_is_up_is_not_lost() {
    paused().block_on(async {
        let deadline = Instant::now() + SECOND;
        for _ in 0..3 {
            let scope = TimeoutScope::at(deadline);
            // Both timers are due in the same turn, and in the last rounds before it.
            assert_eq!(scope.run(sleep_until(deadline).map(|()| 7)).await, Ok(7));
        }
    });
}

#[test]
fn what_runs_may_grant_itself_more_time() {
    paused().block_on(async {
        let begin = Instant::now();
        let scope = TimeoutScope::after(SECOND);
        let outcome = scope.run(async {
            for _ in 0..10 {
                sleep(SECOND / 2).await;
                scope.reschedule(Instant::now() + SECOND);
            }
            pending::<()>().await;
        });
        assert!(outcome.await.is_err());
        assert!(begin.elapsed() >= 6 * SECOND && begin.elapsed() < 7 * SECOND);
    });
}

#[test]
fn what_runs_may_cut_its_time_short() {
    paused().block_on(async {
        let begin = Instant::now();
        let scope = TimeoutScope::after(10 * SECOND);
        let outcome = scope.run(async {
            sleep(SECOND).await;
            scope.reschedule(begin + 2 * SECOND);
            pending::<()>().await;
        });
        assert!(outcome.await.is_err());
        assert!(begin.elapsed() >= 2 * SECOND && begin.elapsed() < 3 * SECOND);
    });
}

#[test]
fn a_moment_that_has_passed_ends_what_runs_at_its_next_suspension() {
    paused().block_on(async {
        let scope = TimeoutScope::unlimited();
        let reached = Cell::new(false);
        let outcome = scope.run(async {
            scope.reschedule(Instant::now());
            reached.set(true);
            task::yield_now().await;
            unreachable!("the time was up");
        });
        let outcome: Option<Result<(), _>> = outcome.now_or_never();
        assert!(outcome.expect("at the first suspension").is_err());
        assert!(reached.get() && scope.expired());
    });
}

#[test]
fn a_limit_can_be_taken_away_and_given_back() {
    paused().block_on(async {
        let begin = Instant::now();
        let scope = TimeoutScope::after(SECOND);
        let outcome = scope.run(async {
            scope.reschedule(None);
            sleep(5 * SECOND).await;
            scope.reschedule(begin + 6 * SECOND);
            pending::<()>().await;
        });
        assert!(outcome.await.is_err());
        assert!(begin.elapsed() >= 6 * SECOND && begin.elapsed() < 7 * SECOND);
    });
}

#[test]
fn another_task_may_move_the_limit_closer() {
    paused().block_on(async {
        let begin = Instant::now();
        let scope = Rc::new(TimeoutScope::unlimited());
        let mover = runtime::spawn({
            let scope = scope.clone();
            async move {
                sleep(SECOND).await;
                scope.reschedule(begin + 2 * SECOND);
            }
        });
        assert!(scope.run(pending::<()>()).await.is_err());
        assert!(begin.elapsed() >= 2 * SECOND && begin.elapsed() < 3 * SECOND);
        mover.await.unwrap();
    });
}

#[test]
fn another_thread_may_end_what_runs() {
    runtime::run(async {
        let scope = Arc::new(TimeoutScope::unlimited());
        let mover = {
            let scope = scope.clone();
            move || scope.reschedule(Instant::now())
        };
        let mut mover = Some(mover);
        let outcome = scope.run(poll_fn(|_| {
            // It runs by now.
            if let Some(mover) = mover.take() {
                std::thread::spawn(mover);
            }
            Poll::<()>::Pending
        }));
        assert!(outcome.await.is_err());
    });
}

#[test]
fn nested_scopes_know_whose_time_was_up() {
    paused().block_on(async {
        for (outer_seconds, inner_seconds) in [(1, 2), (2, 1)] {
            let outer = TimeoutScope::after(outer_seconds * SECOND);
            let inner = TimeoutScope::after(inner_seconds * SECOND);
            let outcome = outer.run(inner.run(pending::<()>())).await;
            let by_outer = outer_seconds < inner_seconds;
            assert_eq!(outcome.is_err(), by_outer);
            assert_eq!(outer.expired(), by_outer);
            assert_eq!(inner.expired(), !by_outer);
        }
    });
}

#[test]
fn of_two_that_are_over_at_once_the_inner_one_speaks_and_the_outer_one_still_counts() {
    paused().block_on(async {
        let deadline = Instant::now() + SECOND;
        let (outer, inner) = (TimeoutScope::at(deadline), TimeoutScope::at(deadline));
        let told = Cell::new(false);
        let outcome = outer.run(async {
            assert!(inner.run(pending::<()>()).await.is_err());
            told.set(true);
            pending::<()>().await;
        });
        assert!(outcome.await.is_err());
        assert!(told.get() && inner.expired() && outer.expired());
    });
}

#[test]
fn one_limit_holds_for_several_futures() {
    paused().block_on(async {
        let begin = Instant::now();
        let scope = TimeoutScope::after(3 * SECOND);
        assert_eq!(scope.run(sleep(SECOND).map(|()| 1)).await, Ok(1));
        let both = join(scope.run(sleep(SECOND).map(|()| 2)), scope.run(pending::<()>()));
        let (second, third) = both.await;
        assert_eq!(second, Ok(2));
        assert!(third.is_err());
        assert!(begin.elapsed() >= 3 * SECOND && begin.elapsed() < 4 * SECOND);
        scope.reschedule(Instant::now() + SECOND);
        assert!(!scope.expired());
        assert_eq!(scope.run(sleep(SECOND / 2).map(|()| 4)).await, Ok(4));
    });
}

#[test]
fn several_that_run_are_all_woken_by_a_limit_that_moves_closer() {
    paused().block_on(async {
        let scope = Rc::new(TimeoutScope::unlimited());
        let tasks = [(); 3].map(|()| {
            let scope = scope.clone();
            runtime::spawn(async move { scope.run(pending::<()>()).await.is_err() })
        });
        for _ in 0..3 {
            task::yield_now().await;
            scope.reschedule(Instant::now() + SECOND);
            scope.reschedule(None);
        }
        scope.reschedule(Instant::now() + SECOND);
        for task in tasks {
            assert!(task.await.unwrap());
        }
    });
}

#[test]
fn a_future_that_uses_up_its_budget_does_not_get_around_the_limit() {
    runtime::run(async {
        let scope = TimeoutScope::after(Duration::from_millis(5));
        let greedy = async {
            loop {
                task::coop::consume_budget().await;
            }
        };
        let outcome: Result<(), _> = scope.run(greedy).await;
        assert!(outcome.is_err());
    });
}

#[test]
fn a_scope_and_what_it_runs_are_send_and_sync() {
    fn assert<T: Send + Sync>(_: &T) {}
    let scope = TimeoutScope::unlimited();
    assert(&scope);
    assert(&scope.run(ready(())));
}
