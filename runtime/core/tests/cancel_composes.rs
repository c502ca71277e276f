//! Requests, timeouts, shields and cleaning up nest without knowing of each other.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use runtime::blocking::CancellationToken;
use runtime::task::{
    cancelled, cancelling, is_cancelling, run_until_cancelled, shield, uncancel, yield_now,
};
use runtime::time::{Duration, Instant, TimeoutScope, sleep, timeout};
use runtime::{Builder, Runtime};

const SECOND: Duration = Duration::from_secs(1);

fn paused() -> Runtime {
    Builder::new().start_paused(true).build().expect("the loop is built")
}

#[test]
fn who_cleans_up_can_await_timers_and_timeouts() {
    paused().block_on(async {
        let begin = Instant::now();
        let task = runtime::spawn(async {
            cancelled().await;
            sleep(SECOND).await;
            let late = timeout(SECOND, pending::<()>()).await;
            let in_time = TimeoutScope::after(SECOND).run(sleep(SECOND / 2)).await;
            (late.is_err(), in_time.is_ok(), cancelling())
        });
        yield_now().await;
        task.cancel("stop");
        assert_eq!(task.await.unwrap(), (true, true, 1));
        assert!(begin.elapsed() >= 2 * SECOND);
    });
}

#[test]
fn a_request_is_not_taken_for_a_timeout_nor_the_other_way_round() {
    paused().block_on(async {
        let task = runtime::spawn(async {
            let outer = TimeoutScope::after(10 * SECOND);
            let inner = TimeoutScope::after(SECOND);
            let outcome = outer.run(run_until_cancelled(inner.run(pending::<()>()))).await;
            assert!(matches!(outcome, Ok(Ok(Err(_)))), "the inner limit, nobody asked");
            assert!(inner.expired() && !outer.expired());
            inner.reschedule(Instant::now() + 5 * SECOND);
            let outcome = outer.run(run_until_cancelled(inner.run(pending::<()>()))).await;
            assert_eq!(outcome, Ok(Err("stop".into())));
            assert!(!inner.expired() && !outer.expired());
            let outcome = outer.run(inner.run(pending::<()>())).await;
            assert!(matches!(outcome, Ok(Err(_))), "a request does not end what does not listen");
        });
        sleep(2 * SECOND).await;
        task.cancel("stop");
        task.await.unwrap();
    });
}

#[test]
fn a_request_and_a_limit_in_the_same_turn_are_both_told() {
    paused().block_on(async {
        let deadline = Instant::now() + SECOND;
        let task = runtime::spawn(async move {
            let scope = TimeoutScope::at(deadline);
            let outcome = scope.run(pending::<()>()).await;
            (outcome.is_err(), is_cancelling())
        });
        // Armed before the task's own timer, so it is called first.
        let handle = task.abort_handle();
        runtime::callback::call_at(deadline, move || {
            handle.cancel("stop");
        });
        assert_eq!(task.await.unwrap(), (true, true));
    });
}

#[test]
fn a_library_takes_back_what_came_while_it_was_in_charge_and_no_more() {
    /// Runs something that may be ended by one request, as a part of the task.
    async fn interruptible(future: impl Future<Output = ()>) -> bool {
        let before = cancelling();
        let ended = run_until_cancelled(future).await.is_err();
        while cancelling() > before {
            uncancel();
        }
        ended
    }
    runtime::run(async {
        let task = runtime::spawn(async {
            assert!(interruptible(pending()).await);
            assert_eq!(cancelling(), 0);
            let reason = cancelled().await;
            assert!(interruptible(pending()).await);
            (reason, cancelling())
        });
        for reason in ["a part", "the whole", "a part of the end"] {
            yield_now().await;
            yield_now().await;
            task.cancel(reason);
        }
        assert_eq!(task.await.unwrap(), ("the whole".into(), 1));
    });
}

#[test]
fn a_shield_inside_of_a_limit_inside_of_a_request_loses_nothing() {
    paused().block_on(async {
        let saved = Rc::new(Cell::new(0));
        let task = runtime::spawn({
            let saved = saved.clone();
            async move {
                let save = {
                    let saved = saved.clone();
                    async move {
                        sleep(3 * SECOND).await;
                        saved.set(saved.get() + 1);
                    }
                };
                run_until_cancelled(timeout(2 * SECOND, shield(save))).await.is_err()
            }
        });
        sleep(SECOND).await;
        task.cancel("stop");
        assert!(task.await.unwrap());
        sleep(5 * SECOND).await;
        assert_eq!(saved.get(), 1);
    });
}

#[test]
fn a_request_to_a_blocking_job_sets_its_token() {
    runtime::run(async {
        let (begun, is_begun) = futures::channel::oneshot::channel();
        let (ended, is_ended) = futures::channel::oneshot::channel();
        let job = runtime::spawn_blocking(move || {
            begun.send(()).unwrap();
            let token = CancellationToken::current();
            while !token.is_cancelled() {
                std::thread::yield_now();
            }
            ended.send(()).unwrap();
        });
        is_begun.await.unwrap();
        assert!(job.cancel("nobody waits"));
        let error = job.await.unwrap_err();
        assert_eq!(error.cancel_reason(), Some("nobody waits"));
        is_ended.await.unwrap();
    });
}
