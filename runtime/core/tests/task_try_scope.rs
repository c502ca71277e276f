//! A scope whose parts may fail ends at the first failure.

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::future::pending;

use runtime::task::{TryScope, try_scope, yield_now};
use support::DropLog;

#[test]
fn without_a_failure_all_children_are_waited_for() {
    runtime::run(async {
        let sum = Cell::new(0);
        let result = try_scope(async |scope| {
            for number in 1..=3 {
                let sum = &sum;
                scope.spawn(async move {
                    yield_now().await;
                    sum.set(sum.get() + number);
                    Ok::<_, Infallible>(())
                });
            }
            Ok("value")
        });
        assert_eq!(result.await, Ok("value"));
        assert_eq!(sum.get(), 6);
    });
}

#[test]
fn the_first_failure_drops_body_and_siblings_before_it_is_returned() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = || log.local_witness();
        let result: Result<(), _> = try_scope(async |scope| {
            let _in_the_body = witness();
            let waits = witness();
            scope.spawn(async move {
                let _waits = waits;
                pending::<Result<(), _>>().await
            });
            scope.spawn(async {
                yield_now().await;
                Err::<(), _>("first")
            });
            scope.spawn(async {
                yield_now().await;
                yield_now().await;
                Err::<(), _>("second")
            });
            pending().await
        })
        .await;
        assert_eq!(result, Err("first"));
        log.assert_dropped_here(2);
    });
}

#[test]
fn a_body_that_fails_waits_for_nobody() {
    runtime::run(async {
        let result: Result<(), _> = try_scope(async |scope| {
            scope.spawn(pending::<Result<(), _>>());
            yield_now().await;
            Err("body")
        })
        .await;
        assert_eq!(result, Err("body"));
    });
}

#[test]
fn a_child_that_fails_after_the_body_has_ended_is_heard_of() {
    runtime::run(async {
        let result = try_scope(async |scope| {
            scope.spawn(async {
                yield_now().await;
                Err::<(), _>("late")
            });
            Ok(())
        });
        assert_eq!(result.await, Err("late"));
    });
}

#[test]
fn of_several_failures_in_one_poll_the_first_is_returned() {
    runtime::run(async {
        let result: Result<(), _> = try_scope(async |scope: TryScope<'_, u32>| {
            for number in 0..10 {
                scope.spawn(async move { Err::<(), _>(number) });
            }
            pending().await
        })
        .await;
        assert_eq!(result, Err(0));
    });
}

#[test]
fn children_start_children_and_join_them() {
    runtime::run(async {
        let names = ["a".to_owned(), "bc".to_owned()];
        let result = try_scope(async |scope| {
            let inner = scope.clone();
            let names = &names;
            let sum = scope.spawn(async move {
                let [one, two] = [0, 1].map(|index| {
                    inner.spawn(async move { Ok::<_, Infallible>(names[index].len()) })
                });
                Ok(one.await + two.await)
            });
            Ok(sum.await)
        });
        assert_eq!(result.await, Ok(3));
    });
}
