//! `block_on` runs one future at a time on a thread, as often as one likes.

mod support;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::thread;

use runtime::Runtime;
use runtime::task::yield_now;
use support::panic_message;

const NESTED: &str = "Cannot start a runtime from within a runtime";

fn assert_names_the_remedy(message: &str) {
    assert!(message.contains(NESTED), "{message}");
    assert!(message.contains("Await the future instead"), "{message}");
    assert!(message.contains("spawn_blocking"), "{message}");
}

#[test]
fn a_nested_call_panics_with_the_remedy_and_the_loop_goes_on() {
    let rt = Runtime::new().unwrap();
    let answer = rt.block_on(async {
        assert_names_the_remedy(&panic_message(|| rt.block_on(async {})));
        assert_names_the_remedy(&panic_message(|| runtime::run(async {})));
        let task = runtime::spawn(async {
            yield_now().await;
            42
        });
        task.await.unwrap()
    });
    assert_eq!(answer, 42);
    assert_eq!(rt.block_on(async { 1 }), 1);
}

#[test]
fn a_nested_call_in_a_task_is_the_tasks_panic() {
    runtime::run(async {
        let task = runtime::spawn(async { runtime::run(async { 1 }) });
        let error = task.await.unwrap_err();
        assert_names_the_remedy(&error.to_string());
        assert_eq!(runtime::spawn(async { 2 }).await.unwrap(), 2);
    });
}

#[test]
fn the_remedies_work() {
    runtime::run(async {
        let inner = runtime::spawn_blocking(|| runtime::run(async { 1 }));
        assert_eq!(inner.await.unwrap(), 1);
        let inner = thread::spawn(|| runtime::run(async { 2 }));
        assert_eq!(inner.join().unwrap(), 2);
    });
}

#[test]
fn the_future_may_borrow_and_need_not_be_send() {
    let rt = Runtime::new().unwrap();
    let mut words = vec!["borrowed"];
    let shared = Rc::new(Cell::new(0));
    let length = rt.block_on(async {
        yield_now().await;
        words.push("mutably");
        shared.set(words.len());
        &shared
    });
    assert_eq!(length.get(), 2);
}

#[test]
fn tasks_stay_where_they_are_between_two_calls() {
    let rt = Runtime::new().unwrap();
    let steps = Rc::new(Cell::new(0));
    let task = rt.spawn({
        let steps = steps.clone();
        async move {
            for n in 1..=10 {
                steps.set(n);
                yield_now().await;
            }
        }
    });
    let mut before = 0;
    while !task.is_finished() {
        rt.block_on(yield_now());
        assert!(steps.get() <= before + 2, "ran between two calls");
        before = steps.get();
    }
    assert_eq!(before, 10);
}

#[test]
fn a_waker_of_an_earlier_call_does_no_harm_to_a_later_one() {
    let rt = Runtime::new().unwrap();
    let mut kept: Option<Waker> = None;
    rt.block_on(poll_fn(|context| {
        kept = Some(context.waker().clone());
        Poll::Ready(())
    }));
    let kept = kept.unwrap();
    kept.wake_by_ref();
    let mut polls = 0;
    let output = rt.block_on(async {
        let task = runtime::spawn(async {
            for _ in 0..10 {
                yield_now().await;
            }
            3
        });
        let mut task = std::pin::pin!(task);
        poll_fn(|context| {
            polls += 1;
            kept.wake_by_ref();
            task.as_mut().poll(context)
        })
        .await
    });
    assert_eq!(output.unwrap(), 3);
    thread::spawn(move || kept.wake()).join().unwrap();
    rt.block_on(yield_now());
}

#[test]
fn a_future_woken_by_another_thread_is_polled_again() {
    let rt = Runtime::new().unwrap();
    for n in 0..200 {
        let (sender, receiver) = futures::channel::oneshot::channel();
        let other = thread::spawn(move || sender.send(n).unwrap());
        assert_eq!(rt.block_on(receiver).unwrap(), n);
        other.join().unwrap();
    }
}

#[test]
fn a_main_future_that_panics_leaves_no_trace_of_itself() {
    let rt = Runtime::new().unwrap();
    let dropped = Rc::new(Cell::new(false));
    let on_drop = support::OnDrop({
        let dropped = dropped.clone();
        move || dropped.set(true)
    });
    let mut kept = None;
    let message = panic_message(|| {
        let kept = &mut kept;
        rt.block_on(async move {
            let _on_drop = on_drop;
            poll_fn(|context| {
                *kept = Some(context.waker().clone());
                context.waker().wake_by_ref();
                if runtime::task::coop::has_budget_remaining() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            yield_now().await;
            panic!("on purpose");
        });
    });
    assert_eq!(message, "on purpose");
    assert!(dropped.get());
    // The waker points to nothing that is gone.
    kept.unwrap().wake();
    rt.block_on(yield_now());
}

#[test]
fn a_task_that_panics_forever_does_not_reach_the_main_future() {
    runtime::run(async {
        for _ in 0..100 {
            let task = runtime::spawn(async { std::panic::panic_any(()) });
            assert!(task.await.unwrap_err().is_panic());
        }
        let stuck = runtime::spawn(pending::<()>());
        stuck.abort();
        assert!(stuck.await.unwrap_err().is_cancelled());
    });
}
