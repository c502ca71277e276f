//! Tasks that a factory has wrapped are asked to end as all are.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use futures::future::{Either, select};
use runtime::task::{TaskFuture, cancelled, is_cancelling, run_until_cancelled, yield_now};
use runtime::{Builder, Runtime};

/// A loop whose factory wraps each task, and changes nothing.
fn wrapping() -> Runtime {
    Builder::new().task_factory(|_, future| Box::pin(future)).build().unwrap()
}

#[test]
fn one_that_listens_hears_of_it() {
    wrapping().block_on(async {
        let task = runtime::spawn(async { cancelled().await });
        yield_now().await;
        assert!(task.cancel("enough"));
        assert_eq!(task.await.unwrap(), "enough");
    });
}

#[test]
fn one_that_does_not_is_dropped_with_the_reason() {
    wrapping().block_on(async {
        let task = runtime::spawn(pending::<()>());
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap_err().cancel_reason(), Some("enough"));
    });
}

#[test]
fn one_that_is_queued_by_itself_when_it_is_asked_gets_its_poll() {
    wrapping().block_on(async {
        let waker = Rc::new(RefCell::new(None));
        let task = runtime::spawn({
            let waker = waker.clone();
            poll_fn(move |context| {
                *waker.borrow_mut() = Some(context.waker().clone());
                if is_cancelling() { Poll::Ready("heard") } else { Poll::Pending }
            })
        });
        yield_now().await;
        // The wake queues the cell behind the wrapping, the request the wrapping.
        waker.borrow_mut().take().unwrap().wake();
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), "heard");
    });
}

#[test]
fn one_that_asks_for_itself_and_is_woken_often_is_dropped_in_the_end() {
    wrapping().block_on(async {
        let polls = Rc::new(Cell::new(0));
        let task = runtime::spawn({
            let polls = polls.clone();
            async move {
                loop {
                    polls.set(polls.get() + 1);
                    yield_now().await;
                }
            }
        });
        for _ in 0..5 {
            yield_now().await;
        }
        let before = polls.get();
        task.cancel("enough");
        assert_eq!(task.await.unwrap_err().cancel_reason(), Some("enough"));
        assert!(polls.get() <= before + 2, "{before} and {}", polls.get());
    });
}

#[test]
fn work_until_cancelled_ends() {
    wrapping().block_on(async {
        let task = runtime::spawn(async { run_until_cancelled(pending::<()>()).await });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), Err("enough".into()));
    });
}

#[test]
fn a_factory_may_listen_for_its_tasks() {
    let rt = Builder::new()
        .task_factory(|_, future| -> TaskFuture {
            Box::pin(async move {
                let listening = pin!(cancelled());
                match select(future, listening).await {
                    Either::Left(_) => {}
                    // Grants what it wraps all the time that it needs.
                    Either::Right((_, future)) => future.await,
                }
            })
        })
        .build()
        .unwrap();
    rt.block_on(async {
        let task = runtime::spawn(async {
            for _ in 0..10 {
                yield_now().await;
            }
            "took its time"
        });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), "took its time");
    });
}
