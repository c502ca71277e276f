//! Several loops on one thread take turns and keep their tasks apart.

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;

use runtime::Runtime;
use runtime::task::yield_now;
use support::{CountingWaker, DropLog, poll_with};

#[test]
fn each_loop_runs_its_own_tasks_only() {
    let runtimes = [Runtime::new().unwrap(), Runtime::new().unwrap()];
    let log = Rc::new(RefCell::new(Vec::new()));
    for (name, rt) in runtimes.iter().enumerate() {
        for _ in 0..3 {
            let log = log.clone();
            drop(rt.spawn(async move {
                loop {
                    log.borrow_mut().push(name);
                    yield_now().await;
                }
            }));
        }
    }
    for round in 0..4 {
        runtimes[round % 2].block_on(yield_now());
        let ran = log.take();
        assert!(!ran.is_empty() && ran.iter().all(|name| *name == round % 2));
    }
}

#[test]
fn a_task_of_one_loop_is_joined_on_another() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let local = Rc::new(5);
    let mut task = one.spawn({
        let local = local.clone();
        async move { local }
    });
    let counting = CountingWaker::new();
    two.block_on(async { assert!(poll_with(&mut task, &counting.waker()).is_pending()) });
    one.block_on(yield_now());
    assert_eq!(counting.wakes(), 1);
    let output = two.block_on(async { (&mut task).await.unwrap() });
    assert!(Rc::ptr_eq(&output, &local));
    drop((output, task));
    one.block_on(yield_now());
    assert_eq!(Rc::strong_count(&local), 1);
}

#[test]
fn a_waker_of_one_loop_used_on_another_wakes_its_task() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let (sender, receiver) = futures::channel::oneshot::channel();
    let task = one.spawn(async { receiver.await.unwrap() });
    one.block_on(yield_now());
    two.block_on(async { sender.send(7).unwrap() });
    assert_eq!(one.block_on(task).unwrap(), 7);
}

#[test]
fn a_loop_spawns_onto_another_that_does_not_run() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let log = DropLog::new();
    let task = one.block_on(async {
        let witness = log.local_witness();
        let task = two.spawn(async { witness });
        let by_handle = two.handle().spawn(async { 5 });
        yield_now().await;
        assert!(!task.is_finished());
        assert_eq!(two.handle().is_closed(), by_handle.is_finished());
        drop(by_handle);
        task
    });
    drop(two.block_on(task).unwrap());
    log.assert_dropped_here(1);
}

#[test]
fn a_loop_is_closed_while_another_runs() {
    let log = DropLog::new();
    let outer = Runtime::new().unwrap();
    let inner = Runtime::new().unwrap();
    let witness = log.local_witness();
    let mut task = inner.spawn(async move {
        let _witness = witness;
        std::future::pending::<()>().await;
    });
    outer.block_on(async {
        let task_of_outer = runtime::spawn(async {
            drop(inner);
            runtime::spawn(async { "outer's" }).await.unwrap()
        });
        assert_eq!(task_of_outer.await.unwrap(), "outer's");
    });
    log.assert_dropped_here(1);
    let waker = CountingWaker::new().waker();
    let Poll::Ready(Err(error)) = poll_with(&mut task, &waker) else { panic!("no end") };
    assert!(error.is_cancelled());
}

#[test]
fn many_loops_come_and_go_while_their_handles_stay() {
    let mut kept = Vec::new();
    for n in 0..100 {
        let rt = Runtime::new().unwrap();
        let task = rt.spawn(async move { n });
        if n % 2 == 0 {
            rt.block_on(yield_now());
        }
        kept.push((rt.handle().clone(), task, n));
    }
    for (handle, task, n) in kept {
        assert!(handle.is_closed());
        let outcome = futures::executor::block_on(task);
        assert_eq!(outcome.ok(), (n % 2 == 0).then_some(n));
    }
}
