//! `run_until_cancelled` ends a future when its task is asked to end and nobody inside deals with that.

mod support;

use std::cell::Cell;
use std::future::{pending, ready};
use std::rc::Rc;

use futures::StreamExt;
use futures::future::{Either, join, select};
use futures::stream::FuturesUnordered;
use runtime::Runtime;
use runtime::task::{cancelled, cancelling, run_until_cancelled, uncancel, yield_now};
use support::DropLog;

#[test]
fn the_future_is_dropped_and_the_task_goes_on() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let task = runtime::spawn(async move {
            let work = async move {
                let _witness = witness;
                pending::<()>().await;
            };
            let reason = run_until_cancelled(work).await.unwrap_err();
            yield_now().await;
            reason
        });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), "enough");
        log.assert_dropped_here(1);
    });
}

#[test]
fn what_is_ready_is_not_lost() {
    runtime::run(async {
        let task = runtime::spawn(async { run_until_cancelled(ready(7)).await });
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), Ok(7));
    });
}

#[test]
fn who_listens_inside_deals_with_it() {
    runtime::run(async {
        let task = runtime::spawn(async {
            run_until_cancelled(async {
                let reason = cancelled().await;
                yield_now().await;
                yield_now().await;
                reason
            })
            .await
        });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), Ok("enough".into()));
    });
}

#[test]
fn the_second_request_ends_what_cleans_up() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let outcome = run_until_cancelled(async {
                cancelled().await;
                pending::<()>().await;
            })
            .await;
            (outcome, cancelling())
        });
        yield_now().await;
        task.cancel("first");
        yield_now().await;
        yield_now().await;
        assert!(!task.is_finished());
        task.cancel("second");
        assert_eq!(task.await.unwrap(), (Err("second".into()), 2));
    });
}

#[test]
fn nested_ones_end_from_the_inside() {
    runtime::run(async {
        let task = runtime::spawn(async {
            run_until_cancelled(async {
                let inner = run_until_cancelled(pending::<()>()).await;
                assert_eq!(inner, Err("enough".into()));
                yield_now().await;
                "cleaned up"
            })
            .await
        });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), Ok("cleaned up"));
    });
}

#[test]
fn siblings_all_end() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let ended = || run_until_cancelled(pending::<()>());
            join(ended(), join(ended(), ended())).await
        });
        yield_now().await;
        task.cancel("enough");
        let ended = || Err("enough".into());
        assert_eq!(task.await.unwrap(), (ended(), (ended(), ended())));
    });
}

#[test]
fn one_that_is_polled_by_another_waker_is_woken() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let all: FuturesUnordered<_> =
                (0..3).map(|_| run_until_cancelled(pending::<()>())).collect();
            all.filter(|outcome| ready(outcome.is_err())).count().await
        });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), 3);
    });
}

#[test]
fn a_listener_elsewhere_that_goes_without_an_answer_leaves_it_to_the_rest() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let gate = Rc::new(Cell::new(false));
            let opened = gate.clone();
            // Polled after the other branch, and gives up listening in the very poll.
            let fickle = async move {
                let turn = std::pin::pin!(futures::future::poll_fn(move |_| {
                    match opened.get() {
                        true => std::task::Poll::Ready(()),
                        false => std::task::Poll::Pending,
                    }
                }));
                match select(turn, cancelled()).await {
                    Either::Left(_) => {}
                    Either::Right(_) => panic!("the gate is asked first"),
                }
                pending::<()>().await;
            };
            let opens = async move {
                std::future::poll_fn(|_| {
                    gate.set(cancelling() > 0);
                    std::task::Poll::<()>::Pending
                })
                .await;
            };
            let guarded = run_until_cancelled(opens);
            match select(std::pin::pin!(guarded), std::pin::pin!(fickle)).await {
                Either::Left((outcome, _)) => outcome.unwrap_err(),
                Either::Right(_) => unreachable!("it waits for ever"),
            }
        });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), "enough");
    });
}

#[test]
fn after_uncancel_it_waits_for_the_next_request() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let first = run_until_cancelled(pending::<()>()).await.unwrap_err();
            assert_eq!(uncancel(), 0);
            let second = run_until_cancelled(pending::<()>()).await.unwrap_err();
            (first, second)
        });
        yield_now().await;
        task.cancel("first");
        yield_now().await;
        yield_now().await;
        task.cancel("second");
        assert_eq!(task.await.unwrap(), ("first".into(), "second".into()));
    });
}

#[test]
fn what_was_taken_before_it_began_does_not_end_it() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let first = run_until_cancelled(pending::<()>()).await.unwrap_err();
            let saved = run_until_cancelled(async {
                yield_now().await;
                yield_now().await;
                "saved"
            });
            assert_eq!(saved.await, Ok("saved"));
            let second = run_until_cancelled(pending::<()>()).await.unwrap_err();
            (first, second, cancelling())
        });
        yield_now().await;
        task.cancel("first");
        for _ in 0..5 {
            yield_now().await;
        }
        assert!(!task.is_finished());
        task.cancel("second");
        assert_eq!(task.await.unwrap(), ("first".into(), "second".into(), 2));
    });
}

#[test]
fn a_request_that_nobody_has_taken_ends_one_that_begins_later() {
    runtime::run(async {
        let task = runtime::spawn(async {
            // In the poll that the request causes, and done with it.
            assert_eq!(run_until_cancelled(ready(1)).await, Ok(1));
            run_until_cancelled(pending::<()>()).await
        });
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), Err("enough".into()));
    });
}

#[test]
fn a_main_future_can_be_ended() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    rt.call_soon(move || handle.cancel_main("closing time").unwrap());
    let outcome = rt.block_on(run_until_cancelled(pending::<()>()));
    assert_eq!(outcome, Err("closing time".into()));
}

#[test]
fn outside_of_a_task_it_merely_runs_the_future() {
    assert_eq!(futures::executor::block_on(run_until_cancelled(ready(1))), Ok(1));
}
