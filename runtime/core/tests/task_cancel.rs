//! A task that is cancelled is asked first, and dropped if nobody in it listens.

mod support;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use futures::future::{Either, select};
use runtime::Runtime;
use runtime::task::{
    AbortHandle, JoinHandle, cancelled, cancelling, is_cancelling, uncancel, yield_now,
};
use support::{DropLog, OnDrop};

#[test]
fn a_task_that_does_not_listen_is_dropped_with_the_reason() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let task = runtime::spawn(async move {
            let _witness = witness;
            pending::<()>().await;
        });
        yield_now().await;
        assert!(task.cancel("no need"));
        assert_eq!(log.count(), 0, "dropped at its turn, not inside of `cancel`");
        let error = task.await.unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(error.cancel_reason(), Some("no need"));
        log.assert_dropped_here(1);
    });
}

#[test]
fn a_task_that_does_not_listen_is_dropped_within_its_turn() {
    runtime::run(async {
        let task = runtime::spawn(pending::<()>());
        yield_now().await;
        task.cancel("no need");
        yield_now().await;
        assert!(task.is_finished());
    });
}

#[test]
fn a_task_that_listens_cleans_up_and_has_an_output() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let reason = cancelled().await;
            for _ in 0..10 {
                yield_now().await;
            }
            format!("cleaned up: {reason}")
        });
        yield_now().await;
        assert!(task.cancel("the end"));
        assert_eq!(task.await.unwrap(), "cleaned up: the end");
    });
}

#[test]
fn a_reason_may_be_owned() {
    runtime::run(async {
        let task = runtime::spawn(async { cancelled().await });
        yield_now().await;
        task.cancel(format!("number {}", 7));
        assert_eq!(task.await.unwrap(), "number 7");
    });
}

#[test]
fn a_task_that_was_never_polled_gets_one_poll() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let counted = polls.clone();
        let deaf = runtime::spawn(poll_fn(move |_| {
            counted.set(counted.get() + 1);
            Poll::<()>::Pending
        }));
        let listening = runtime::spawn(async { cancelled().await });
        assert!(deaf.cancel("early"));
        assert!(listening.cancel("early"));
        assert_eq!(deaf.await.unwrap_err().cancel_reason(), Some("early"));
        assert_eq!(polls.get(), 1);
        assert_eq!(listening.await.unwrap(), "early");
    });
}

#[test]
fn a_task_that_is_done_in_the_poll_keeps_its_output() {
    runtime::run(async {
        let waker = Rc::new(RefCell::new(None));
        let ready = Rc::new(Cell::new(false));
        let task = runtime::spawn({
            let (waker, ready) = (waker.clone(), ready.clone());
            poll_fn(move |context| {
                *waker.borrow_mut() = Some(context.waker().clone());
                if ready.get() { Poll::Ready("output") } else { Poll::Pending }
            })
        });
        yield_now().await;
        ready.set(true);
        task.cancel("too late");
        assert_eq!(task.await.unwrap(), "output");
    });
}

#[test]
fn a_task_that_is_done_is_left_alone_and_cancel_tells_so() {
    runtime::run(async {
        let task = runtime::spawn(async { 1 });
        let handle = task.abort_handle();
        yield_now().await;
        assert!(!task.cancel("late"));
        assert!(!handle.cancel("late"));
        assert_eq!(task.await.unwrap(), 1);
        assert!(!handle.cancel("later"));
    });
}

#[test]
fn asking_whether_is_taking_the_request() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let mut polls = 0;
            while !is_cancelling() {
                polls += 1;
                yield_now().await;
            }
            yield_now().await;
            polls
        });
        yield_now().await;
        yield_now().await;
        task.cancel("stop");
        assert!(task.await.unwrap() >= 2);
    });
}

#[test]
fn counting_the_requests_is_not_taking_them() {
    runtime::run(async {
        let seen = Rc::new(Cell::new(0));
        let task = runtime::spawn({
            let seen = seen.clone();
            async move {
                loop {
                    seen.set(cancelling());
                    yield_now().await;
                }
            }
        });
        yield_now().await;
        task.cancel("stop");
        let error = task.await.unwrap_err();
        assert_eq!(error.cancel_reason(), Some("stop"));
        assert_eq!(seen.get(), 1);
    });
}

#[test]
fn every_request_asks_anew() {
    runtime::run(async {
        let cleaning = Rc::new(Cell::new(false));
        let task = runtime::spawn({
            let cleaning = cleaning.clone();
            async move {
                cancelled().await;
                cleaning.set(true);
                pending::<()>().await;
            }
        });
        yield_now().await;
        task.cancel("first");
        yield_now().await;
        yield_now().await;
        assert!(cleaning.get());
        assert!(!task.is_finished(), "it cleans up");
        task.cancel("second");
        let error = task.await.unwrap_err();
        assert_eq!(error.cancel_reason(), Some("second"));
    });
}

#[test]
fn two_requests_before_the_poll_are_heard_as_one() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let reason = cancelled().await;
            let count = cancelling();
            yield_now().await;
            (reason, count)
        });
        yield_now().await;
        task.cancel("first");
        task.cancel("second");
        assert_eq!(task.await.unwrap(), ("second".into(), 2));
    });
}

#[test]
fn a_request_stays_until_it_is_taken_back() {
    runtime::run(async {
        let task = runtime::spawn(async {
            cancelled().await;
            assert_eq!(cancelled().await, "stop");
            assert!(is_cancelling());
            assert_eq!(cancelling(), 1);
            assert_eq!(uncancel(), 0);
            assert_eq!(uncancel(), 0);
            assert!(!is_cancelling());
            match select(cancelled(), std::pin::pin!(yield_now())).await {
                Either::Left(_) => panic!("there was one request"),
                Either::Right(_) => "went on",
            }
        });
        yield_now().await;
        task.cancel("stop");
        assert_eq!(task.await.unwrap(), "went on");
    });
}

#[test]
fn a_task_that_took_the_request_back_and_is_aborted_has_no_reason() {
    runtime::run(async {
        let task = runtime::spawn(async {
            cancelled().await;
            uncancel();
            pending::<()>().await;
        });
        yield_now().await;
        task.cancel("stop");
        yield_now().await;
        yield_now().await;
        task.abort();
        let error = task.await.unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(error.cancel_reason(), None);
    });
}

#[test]
fn an_abort_does_not_wait_for_the_answer() {
    runtime::run(async {
        for abort_first in [true, false] {
            let reached = Rc::new(Cell::new(false));
            let task = runtime::spawn({
                let reached = reached.clone();
                async move {
                    cancelled().await;
                    reached.set(true);
                    pending::<()>().await;
                }
            });
            yield_now().await;
            if abort_first {
                task.abort();
            }
            task.cancel("stop");
            task.abort();
            assert_eq!(task.await.unwrap_err().cancel_reason(), Some("stop"));
            assert!(!reached.get());
        }
    });
}

/// Spawns a task whose future can ask itself.
fn spawn_with_own_handle<F: Future + 'static>(
    future: impl FnOnce(Rc<RefCell<Option<AbortHandle>>>) -> F,
) -> JoinHandle<F::Output> {
    let own = Rc::new(RefCell::new(None));
    let task = runtime::spawn(future(own.clone()));
    *own.borrow_mut() = Some(task.abort_handle());
    task
}

#[test]
fn a_task_that_asks_itself_hears_of_it() {
    runtime::run(async {
        let task = spawn_with_own_handle(|own| async move {
            assert!(own.borrow().as_ref().unwrap().cancel("myself"));
            assert_eq!(cancelling(), 1);
            yield_now().await;
            cancelled().await
        });
        assert_eq!(task.await.unwrap(), "myself");
    });
}

#[test]
fn a_task_that_asks_itself_and_does_not_listen_is_dropped_after_the_next_poll() {
    runtime::run(async {
        let reached = Rc::new(Cell::new(0));
        let task = spawn_with_own_handle(|own| {
            let reached = reached.clone();
            async move {
                own.borrow().as_ref().unwrap().cancel("myself");
                reached.set(1);
                yield_now().await;
                reached.set(2);
                yield_now().await;
                reached.set(3);
            }
        });
        assert_eq!(task.await.unwrap_err().cancel_reason(), Some("myself"));
        assert_eq!(reached.get(), 2);
    });
}

#[test]
fn a_task_that_asks_itself_in_every_poll_is_dropped_all_the_same() {
    runtime::run(async {
        let task = spawn_with_own_handle(|own| async move {
            loop {
                own.borrow().as_ref().unwrap().cancel("myself");
                yield_now().await;
            }
        });
        let error = task.await.unwrap_err();
        assert_eq!(error.cancel_reason(), Some("myself"));
    });
}

#[test]
fn a_task_that_asks_itself_in_its_drop_is_dropped_once() {
    runtime::run(async {
        let drops = Rc::new(Cell::new(0));
        let task = spawn_with_own_handle(|own| {
            let drops = drops.clone();
            let on_drop = OnDrop(move || {
                drops.set(drops.get() + 1);
                own.borrow().as_ref().unwrap().cancel("again");
            });
            async move {
                let _on_drop = on_drop;
                pending::<()>().await;
            }
        });
        yield_now().await;
        task.cancel("stop");
        assert!(task.await.unwrap_err().is_cancelled());
        yield_now().await;
        assert_eq!(drops.get(), 1);
    });
}

#[test]
fn a_panic_of_the_poll_is_a_panic() {
    runtime::run(async {
        let task = runtime::spawn(async {
            cancelled().await;
            panic!("on purpose");
        });
        yield_now().await;
        task.cancel("stop");
        let error = task.await.unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.cancel_reason(), None);
    });
}

#[test]
fn a_listener_that_is_gone_does_not_count() {
    runtime::run(async {
        let task = runtime::spawn(async {
            {
                let mut listener = cancelled();
                assert!(futures::poll!(&mut listener).is_pending());
            }
            pending::<()>().await;
        });
        yield_now().await;
        task.cancel("stop");
        assert_eq!(task.await.unwrap_err().cancel_reason(), Some("stop"));
    });
}

#[test]
fn a_listener_that_is_polled_by_another_waker_is_woken() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let all: futures::stream::FuturesUnordered<_> =
                [cancelled(), cancelled(), cancelled()].into_iter().collect();
            futures::StreamExt::collect::<Vec<_>>(all).await
        });
        yield_now().await;
        task.cancel("stop");
        assert_eq!(task.await.unwrap(), ["stop", "stop", "stop"]);
    });
}

#[test]
fn a_detached_task_can_be_asked() {
    runtime::run(async {
        let done = Rc::new(Cell::new(false));
        let task = runtime::spawn({
            let done = done.clone();
            async move {
                cancelled().await;
                done.set(true);
            }
        });
        let handle = task.abort_handle();
        drop(task);
        yield_now().await;
        assert!(handle.cancel("stop"));
        yield_now().await;
        assert!(done.get());
        assert!(!handle.cancel("stop"));
    });
}

#[test]
fn a_task_that_was_asked_when_the_loop_closes_is_dropped_with_the_reason() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move {
        let _witness = witness;
        cancelled().await;
        pending::<()>().await;
    });
    rt.block_on(yield_now());
    assert!(task.cancel("closing"));
    drop(rt);
    log.assert_dropped_here(1);
    assert!(!task.cancel("closed"));
    let error = futures::executor::block_on(task).unwrap_err();
    assert_eq!(error.cancel_reason(), Some("closing"));
}

#[test]
fn nobody_is_asked_outside_of_a_task() {
    assert!(!is_cancelling());
    assert_eq!(cancelling(), 0);
    assert_eq!(uncancel(), 0);
    let mut listener = tokio_test::task::spawn(cancelled());
    tokio_test::assert_pending!(listener.poll());
}
