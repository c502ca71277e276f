//! `cancel_and_wait` asks, waits, and aborts when the grace is over.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use runtime::task::{self, Priority, cancelled, cancelling, uncancel, yield_now};
use runtime::time::{Duration, Instant, sleep, timeout};
use runtime::{Builder, Runtime};

const SECOND: Duration = Duration::from_secs(1);

fn paused() -> Runtime {
    Builder::new().start_paused(true).build().expect("the loop is built")
}

#[test]
fn a_task_that_does_not_listen_ends_at_once() {
    paused().block_on(async {
        let begin = Instant::now();
        let task = runtime::spawn(pending::<()>());
        yield_now().await;
        let error = task.cancel_and_wait(10 * SECOND).await.unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(error.cancel_reason(), Some("asked to end within 10s"));
        assert!(begin.elapsed() < SECOND);
    });
}

#[test]
fn a_task_that_cleans_up_in_time_has_its_output() {
    paused().block_on(async {
        let task = runtime::spawn(async {
            cancelled().await;
            sleep(SECOND).await;
            "saved"
        });
        yield_now().await;
        assert_eq!(task.cancel_and_wait(2 * SECOND).await.unwrap(), "saved");
    });
}

#[test]
fn a_task_that_takes_longer_is_aborted_at_the_end_of_the_grace() {
    paused().block_on(async {
        let begin = Instant::now();
        let task = runtime::spawn(async {
            cancelled().await;
            pending::<()>().await;
        });
        yield_now().await;
        let error = task.cancel_and_wait(2 * SECOND).await.unwrap_err();
        assert!(error.is_cancelled());
        assert!(begin.elapsed() >= 2 * SECOND && begin.elapsed() < 3 * SECOND);
    });
}

#[test]
fn a_task_that_goes_on_as_if_nothing_had_happened_is_aborted_as_well() {
    paused().block_on(async {
        let task = runtime::spawn(async {
            loop {
                cancelled().await;
                uncancel();
            }
        });
        yield_now().await;
        let error = task.cancel_and_wait(2 * SECOND).await.unwrap_err();
        assert_eq!(error.cancel_reason(), None, "it took the request back");
    });
}

#[test]
fn with_a_grace_of_zero_the_task_hears_of_it_once() {
    runtime::run(async {
        let heard = Rc::new(Cell::new(false));
        let task = runtime::spawn({
            let heard = heard.clone();
            async move {
                cancelled().await;
                heard.set(true);
                pending::<()>().await;
            }
        });
        yield_now().await;
        assert!(task.cancel_and_wait(Duration::ZERO).await.unwrap_err().is_cancelled());
        assert!(heard.get());
    });
}

/// A task that notes that it has heard of the request, and does not end.
fn stubborn(heard: &Rc<Cell<usize>>) -> impl Future<Output = ()> + 'static {
    let heard = heard.clone();
    async move {
        cancelled().await;
        heard.set(heard.get() + 1);
        pending::<()>().await;
    }
}

#[test]
fn with_a_clock_that_stands_still_as_well() {
    paused().block_on(async {
        // So that the timers have been looked at in this very moment.
        sleep(SECOND).await;
        let heard = Rc::new(Cell::new(0));
        let task = runtime::spawn(stubborn(&heard));
        yield_now().await;
        assert!(task.cancel_and_wait(Duration::ZERO).await.unwrap_err().is_cancelled());
        assert_eq!(heard.get(), 1);
    });
}

#[test]
fn a_task_that_goes_after_its_waiter_hears_of_it_as_well() {
    paused().block_on(async {
        sleep(SECOND).await;
        let heard = Rc::new(Cell::new(0));
        let low = task::Builder::new().priority(Priority::Low).spawn(stubborn(&heard));
        sleep(SECOND).await;
        let waiter = task::Builder::new()
            .priority(Priority::High)
            .spawn(async move { low.cancel_and_wait(Duration::ZERO).await.is_err() });
        assert!(waiter.await.unwrap());
        assert_eq!(heard.get(), 1);
    });
}

#[test]
fn a_task_of_a_loop_that_does_not_run_hears_of_it_as_well() {
    let heard = Rc::new(Cell::new(0));
    let other = Runtime::new().unwrap();
    let task = other.spawn(stubborn(&heard));
    other.block_on(yield_now());
    let (sent, is_sent) = std::sync::mpsc::channel();
    let waiter = std::thread::spawn(move || {
        runtime::run(async {
            let mut wait = std::pin::pin!(task.cancel_and_wait(Duration::ZERO));
            // The grace is over, and the task has not had its turn.
            assert!(timeout(Duration::from_millis(5), &mut wait).await.is_err());
            sent.send(()).unwrap();
            wait.await.unwrap_err()
        })
    });
    is_sent.recv().unwrap();
    while !waiter.is_finished() {
        other.block_on(yield_now());
    }
    assert!(waiter.join().unwrap().is_cancelled());
    assert_eq!(heard.get(), 1);
}

#[test]
fn a_reason_of_one_s_own_is_given_first() {
    runtime::run(async {
        let task = runtime::spawn(pending::<()>());
        task.cancel("closing time");
        let error = task.cancel_and_wait(SECOND).await.unwrap_err();
        assert_eq!(error.cancel_reason(), Some("closing time"));
    });
}

#[test]
fn a_grace_without_end_is_waited_for() {
    paused().block_on(async {
        let task = runtime::spawn(async {
            cancelled().await;
            sleep(1000 * SECOND).await;
        });
        yield_now().await;
        task.cancel_and_wait(Duration::MAX).await.unwrap();
    });
}

#[test]
fn a_task_that_was_asked_before_is_not_asked_again() {
    paused().block_on(async {
        let task = runtime::spawn(async {
            let reason = cancelled().await;
            sleep(SECOND).await;
            (reason, cancelling())
        });
        yield_now().await;
        task.cancel("first");
        yield_now().await;
        let outcome = task.cancel_and_wait(2 * SECOND).await;
        assert_eq!(outcome.unwrap(), ("first".into(), 1));
    });
}

#[test]
fn a_task_that_is_done_has_its_output() {
    runtime::run(async {
        let task = runtime::spawn(async { 7 });
        yield_now().await;
        assert_eq!(task.cancel_and_wait(SECOND).await.unwrap(), 7);
    });
}

#[test]
fn a_wait_that_is_dropped_leaves_the_task_to_its_cleaning_up() {
    paused().block_on(async {
        let done = Rc::new(Cell::new(false));
        let task = runtime::spawn({
            let done = done.clone();
            async move {
                cancelled().await;
                sleep(5 * SECOND).await;
                done.set(true);
            }
        });
        yield_now().await;
        let wait = task.cancel_and_wait(2 * SECOND);
        assert!(runtime::time::timeout(SECOND, wait).await.is_err());
        sleep(5 * SECOND).await;
        assert!(done.get());
    });
}

#[test]
fn the_task_s_own_loop_keeps_the_time_for_a_thread_that_has_none() {
    runtime::run(async {
        let task = runtime::spawn(async {
            cancelled().await;
            pending::<()>().await;
        });
        yield_now().await;
        let waiter = std::thread::spawn(move || {
            let wait = task.cancel_and_wait(Duration::from_millis(2));
            futures::executor::block_on(wait).unwrap_err()
        });
        while !waiter.is_finished() {
            yield_now().await;
        }
        let error = waiter.join().unwrap();
        assert_eq!(error.cancel_reason(), Some("asked to end within 2ms"));
    });
}

#[test]
fn a_loop_that_closes_ends_the_wait_of_another_thread() {
    for _ in 0..100 {
        let rt = Runtime::new().unwrap();
        let task = rt.spawn(async {
            cancelled().await;
            pending::<()>().await;
        });
        rt.block_on(yield_now());
        let waiter = std::thread::spawn(move || {
            futures::executor::block_on(task.cancel_and_wait(10 * SECOND)).unwrap_err()
        });
        rt.block_on(yield_now());
        drop(rt);
        assert!(waiter.join().unwrap().is_cancelled());
    }
}
