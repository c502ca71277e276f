//! A join handle of a `Send` output is awaited wherever it is: on other threads, by other executors, or moved
//! between them.

mod support;

use std::future::pending;
use std::sync::{Barrier, mpsc};
use std::task::Poll;
use std::thread;

use futures::executor::block_on;
use runtime::Runtime;
use runtime::task::{JoinHandle, yield_now};
use support::{CountingWaker, DropLog, panic_message, poll_with};

/// A task that ends when it is told to, and the means to tell it from any thread.
fn spawn_waiting(
    rt: &Runtime,
) -> (JoinHandle<&'static str>, futures::channel::oneshot::Sender<()>) {
    let (sender, receiver) = futures::channel::oneshot::channel();
    let task = rt.spawn(async {
        receiver.await.unwrap();
        "output"
    });
    (task, sender)
}

/// Runs the loop until the other thread has ended.
fn run_beside<T: Send + 'static>(rt: &Runtime, f: impl FnOnce() -> T + Send + 'static) -> T {
    rt.block_on(rt.spawn_blocking(f)).unwrap()
}

#[test]
fn another_executor_awaits_the_output() {
    let rt = Runtime::new().unwrap();
    let (task, go) = spawn_waiting(&rt);
    let output = run_beside(&rt, || {
        go.send(()).unwrap();
        block_on(task)
    });
    assert_eq!(output.unwrap(), "output");
}

#[test]
fn many_outputs_are_awaited_while_the_loop_works() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let sum = run_beside(&rt, move || {
        (0..1000_u64)
            .map(|n| {
                let task = handle.spawn(async move {
                    for _ in 0..n % 3 {
                        yield_now().await;
                    }
                    n
                });
                block_on(task).unwrap()
            })
            .sum::<u64>()
    });
    assert_eq!(sum, 499_500);
}

#[test]
fn another_loop_awaits_the_output() {
    let rt = Runtime::new().unwrap();
    let (task, go) = spawn_waiting(&rt);
    let output = run_beside(&rt, || {
        runtime::run(async {
            let task = runtime::spawn(task);
            go.send(()).unwrap();
            task.await.unwrap()
        })
    });
    assert_eq!(output.unwrap(), "output");
}

#[test]
fn a_handle_moves_to_another_thread_in_the_midst_of_a_wait_and_back() {
    let rt = Runtime::new().unwrap();
    let (mut task, go) = spawn_waiting(&rt);
    let (here, there, again) = (CountingWaker::new(), CountingWaker::new(), CountingWaker::new());
    rt.block_on(async {
        yield_now().await;
        assert!(poll_with(&mut task, &here.waker()).is_pending());
    });
    let waker = there.waker();
    let mut task = thread::spawn(move || {
        assert!(poll_with(&mut task, &waker).is_pending());
        task
    })
    .join()
    .unwrap();
    rt.block_on(async {
        assert!(poll_with(&mut task, &again.waker()).is_pending());
        go.send(()).unwrap();
        while !task.is_finished() {
            yield_now().await;
        }
        assert_eq!(task.await.unwrap(), "output");
    });
    assert_eq!((here.wakes(), again.wakes()), (0, 1));
    // The wait in between was given up by moving on; whether it is woken is nobody's business.
    assert!(there.wakes() <= 1);
}

#[test]
fn a_handle_that_moved_away_in_the_midst_of_a_wait_is_woken_there() {
    let rt = Runtime::new().unwrap();
    let (mut task, go) = spawn_waiting(&rt);
    let here = CountingWaker::new();
    rt.block_on(async {
        assert!(poll_with(&mut task, &here.waker()).is_pending());
    });
    let output = run_beside(&rt, move || {
        let there = CountingWaker::new();
        assert!(poll_with(&mut task, &there.waker()).is_pending());
        go.send(()).unwrap();
        while there.wakes() == 0 {
            thread::yield_now();
        }
        let Poll::Ready(output) = poll_with(&mut task, &there.waker()) else {
            panic!("woken, but not ready")
        };
        output
    });
    assert_eq!(output.unwrap(), "output");
}

#[test]
fn the_last_waker_on_another_thread_is_woken_and_no_other() {
    let rt = Runtime::new().unwrap();
    let (mut task, go) = spawn_waiting(&rt);
    let (first, second) = (CountingWaker::new(), CountingWaker::new());
    for counting in [&first, &first, &second] {
        assert!(poll_with(&mut task, &counting.waker()).is_pending());
    }
    go.send(()).unwrap();
    rt.block_on(async {
        while !task.is_finished() {
            yield_now().await;
        }
    });
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
    assert_eq!(rt.block_on(task).unwrap(), "output");
}

#[test]
fn a_panic_and_a_cancellation_arrive_on_another_thread() {
    let rt = Runtime::new().unwrap();
    let panics = rt.spawn(async { panic!("on purpose") });
    let cancelled = rt.spawn(pending::<()>());
    cancelled.abort();
    let (panics, cancelled) = run_beside(&rt, || (block_on(panics), block_on(cancelled)));
    let payload = panics.unwrap_err().into_panic();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "on purpose");
    assert!(cancelled.unwrap_err().is_cancelled());
}

#[test]
fn a_handle_polled_after_completion_panics_on_another_thread_too() {
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async { 1 });
    let (mut task, message) = run_beside(&rt, move || {
        assert_eq!(block_on(&mut task).unwrap(), 1);
        let message = panic_message(|| block_on(&mut task));
        (task, message)
    });
    assert_eq!(message, "JoinHandle polled after completion");
    let message = panic_message(|| rt.block_on(&mut task));
    assert_eq!(message, "JoinHandle polled after completion");
    drop(rt);
    let message = panic_message(|| block_on(&mut task));
    assert_eq!(message, "JoinHandle polled after completion");
}

#[test]
fn closing_answers_those_who_wait_on_other_threads() {
    for _ in 0..50 {
        let rt = Runtime::new().unwrap();
        let tasks: Vec<_> = (0..4).map(|_| rt.spawn(pending::<()>())).collect();
        let barrier = std::sync::Arc::new(Barrier::new(5));
        let others: Vec<_> = tasks
            .into_iter()
            .map(|task| {
                let barrier = barrier.clone();
                thread::spawn(move || {
                    barrier.wait();
                    block_on(task)
                })
            })
            .collect();
        barrier.wait();
        drop(rt);
        for other in others {
            assert!(other.join().unwrap().unwrap_err().is_cancelled());
        }
    }
}

#[test]
fn an_output_taken_after_close_is_the_output() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let witness = log.witness();
    let task = rt.spawn(async move { witness });
    rt.block_on(yield_now());
    drop(rt);
    let witness = thread::spawn(move || block_on(task).unwrap()).join().unwrap();
    assert_eq!(log.count(), 0);
    drop(witness);
    log.assert_dropped_here(1);
}

#[test]
fn an_output_is_handed_over_without_being_touched_twice() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let (sender, receiver) = mpsc::channel();
    for _ in 0..100 {
        let witness = log.witness();
        sender.send(rt.spawn(async move { witness })).unwrap();
    }
    drop(sender);
    let outputs = run_beside(&rt, move || {
        receiver.into_iter().map(|task| block_on(task).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!((log.count(), outputs.len()), (0, 100));
    drop(outputs);
    log.assert_dropped_here(100);
}
