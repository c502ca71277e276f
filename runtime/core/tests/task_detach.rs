//! A task whose handle is dropped runs on, and its output is dropped on the loop's thread.

mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

use runtime::Runtime;
use runtime::task::{JoinHandle, yield_now};
use support::{DropLog, Witness};

#[test]
fn a_detached_task_runs_to_its_end() {
    runtime::run(async {
        let done = Rc::new(Cell::new(false));
        drop(runtime::spawn({
            let done = done.clone();
            async move {
                yield_now().await;
                done.set(true);
            }
        }));
        while !done.get() {
            yield_now().await;
        }
    });
}

#[test]
fn the_output_of_a_detached_task_is_dropped_when_it_completes() {
    runtime::run(async {
        let log = DropLog::new();
        let output = log.local_witness();
        drop(runtime::spawn(async { output }));
        assert_eq!(log.count(), 0);
        yield_now().await;
        log.assert_dropped_here(1);
    });
}

#[test]
fn dropping_the_handle_of_a_completed_task_drops_the_output() {
    runtime::run(async {
        let log = DropLog::new();
        let output = log.local_witness();
        let task = runtime::spawn(async { output });
        yield_now().await;
        assert_eq!(log.count(), 0);
        drop(task);
        log.assert_dropped_here(1);
    });
}

fn spawn_witness(rt: &Runtime, log: &DropLog) -> JoinHandle<Witness> {
    let output = log.witness();
    rt.spawn(async { output })
}

#[test]
fn a_handle_dropped_on_another_thread_leaves_the_output_to_the_loops_thread() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    // Dropped before the task has run.
    let task = spawn_witness(&rt, &log);
    thread::spawn(move || drop(task)).join().unwrap();
    rt.block_on(yield_now());
    log.assert_dropped_here(1);
    // Dropped after it.
    let task = spawn_witness(&rt, &log);
    rt.block_on(yield_now());
    assert!(task.is_finished());
    thread::spawn(move || drop(task)).join().unwrap();
    assert_eq!(log.count(), 1);
    rt.block_on(yield_now());
    log.assert_dropped_here(2);
    // Dropped after it, and nothing runs any more but close.
    let task = spawn_witness(&rt, &log);
    rt.block_on(yield_now());
    thread::spawn(move || drop(task)).join().unwrap();
    drop(rt);
    log.assert_dropped_here(3);
}

#[test]
fn a_handle_dropped_while_its_task_runs_leaves_the_output_to_the_loop() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let output = log.witness();
    let (sender, receiver) = std::sync::mpsc::channel::<JoinHandle<Witness>>();
    let task = rt.spawn(async move {
        let own = receiver.recv().unwrap();
        thread::spawn(move || drop(own)).join().unwrap();
        output
    });
    sender.send(task).unwrap();
    rt.block_on(async {
        yield_now().await;
        yield_now().await;
    });
    log.assert_dropped_here(1);
}

#[test]
fn a_handle_of_a_local_output_dropped_after_close_drops_the_output_here() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let output = log.local_witness();
    let task = rt.spawn(async { output });
    rt.block_on(yield_now());
    drop(rt);
    assert_eq!(log.count(), 0);
    drop(task);
    log.assert_dropped_here(1);
}

#[test]
fn an_output_may_hold_the_handle_of_another_task() {
    runtime::run(async {
        let log = DropLog::new();
        let mut task: JoinHandle<Box<dyn std::any::Any>> = runtime::spawn({
            let witness = log.local_witness();
            async { Box::new(witness) as Box<dyn std::any::Any> }
        });
        for _ in 0..100 {
            task = runtime::spawn(async { Box::new(task) as Box<dyn std::any::Any> });
        }
        yield_now().await;
        assert!(task.is_finished());
        drop(task);
        log.assert_dropped_here(1);
    });
}
