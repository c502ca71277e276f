//! Ready tasks run first in, first out.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use runtime::Runtime;
use runtime::task::yield_now;

type Log = Rc<RefCell<Vec<usize>>>;

#[test]
fn tasks_are_first_polled_in_the_order_of_their_spawning() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let log = log.clone();
            rt.spawn(async move { log.borrow_mut().push(n) })
        })
        .collect();
    rt.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(log.borrow().iter().copied().eq(0..100));
}

#[test]
fn spawning_does_not_poll() {
    runtime::run(async {
        let log = Log::default();
        let task = runtime::spawn({
            let log = log.clone();
            async move { log.borrow_mut().push(1) }
        });
        assert!(log.borrow().is_empty());
        task.await.unwrap();
        assert_eq!(*log.borrow(), [1]);
    });
}

#[test]
fn a_task_spawned_by_a_task_runs_after_everything_that_was_ready() {
    runtime::run(async {
        let log = Log::default();
        let first = runtime::spawn({
            let log = log.clone();
            async move {
                log.borrow_mut().push(1);
                let inner = log.clone();
                runtime::spawn(async move { inner.borrow_mut().push(3) }).await.unwrap();
            }
        });
        let second = runtime::spawn({
            let log = log.clone();
            async move { log.borrow_mut().push(2) }
        });
        first.await.unwrap();
        second.await.unwrap();
        assert_eq!(*log.borrow(), [1, 2, 3]);
    });
}

#[test]
fn a_task_that_yields_goes_to_the_back_of_the_queue() {
    runtime::run(async {
        let log = Log::default();
        let tasks: Vec<_> = (0..3)
            .map(|n| {
                let log = log.clone();
                runtime::spawn(async move {
                    log.borrow_mut().push(n);
                    yield_now().await;
                    log.borrow_mut().push(10 + n);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*log.borrow(), [0, 1, 2, 10, 11, 12]);
    });
}

/// Spawns tasks that wait for their wakers to be used; returns the wakers once all wait.
async fn waiting_tasks(count: usize, log: &Log) -> Vec<Waker> {
    let wakers = Rc::new(RefCell::new(Vec::new()));
    for n in 0..count {
        let (wakers, log) = (wakers.clone(), log.clone());
        drop(runtime::spawn(async move {
            let mut waiting = false;
            poll_fn(|context| {
                if waiting {
                    return Poll::Ready(());
                }
                waiting = true;
                wakers.borrow_mut().push(context.waker().clone());
                Poll::Pending
            })
            .await;
            log.borrow_mut().push(n);
        }));
    }
    while wakers.borrow().len() < count {
        yield_now().await;
    }
    wakers.take()
}

#[test]
fn woken_tasks_run_in_the_order_of_their_wakes() {
    runtime::run(async {
        let log = Log::default();
        let wakers = waiting_tasks(5, &log).await;
        for n in [3, 1, 4, 0, 2] {
            wakers[n].wake_by_ref();
        }
        // Redundant wakes change nothing.
        for waker in wakers {
            waker.wake();
        }
        yield_now().await;
        assert_eq!(*log.borrow(), [3, 1, 4, 0, 2]);
    });
}

#[test]
fn a_task_woken_many_times_is_polled_once() {
    runtime::run(async {
        let polls = Rc::new(RefCell::new(Vec::new()));
        let wakers = Rc::new(RefCell::new(None::<Waker>));
        let task = runtime::spawn({
            let (polls, wakers) = (polls.clone(), wakers.clone());
            poll_fn(move |context| {
                polls.borrow_mut().push(());
                *wakers.borrow_mut() = Some(context.waker().clone());
                Poll::<()>::Pending
            })
        });
        yield_now().await;
        let waker = wakers.borrow_mut().take().unwrap();
        for _ in 0..1_000 {
            waker.wake_by_ref();
            let second = waker.clone();
            second.wake();
        }
        for _ in 0..3 {
            yield_now().await;
        }
        assert_eq!(polls.borrow().len(), 2);
        task.abort();
    });
}

#[test]
fn tasks_spawned_from_another_thread_are_polled_in_the_order_of_their_spawning() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let (sender, receiver) = std::sync::mpsc::channel();
    let tasks = std::thread::spawn(move || {
        let spawn = |n| {
            let sender = sender.clone();
            handle.spawn(async move { sender.send(n).unwrap() })
        };
        (0..100).map(spawn).collect::<Vec<_>>()
    });
    let tasks = tasks.join().unwrap();
    rt.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(receiver.try_iter().eq(0..100));
}
