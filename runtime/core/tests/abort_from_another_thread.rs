//! Another thread may abort a task; the future, `Send` or not, is dropped on the loop's thread all the same.

mod support;

use std::future::pending;
use std::thread;

use runtime::Runtime;
use runtime::task::{AbortHandle, JoinHandle, yield_now};
use support::DropLog;

/// A task whose future is bound to this thread, and which never ends.
fn spawn_stuck(rt: &Runtime, log: &DropLog) -> JoinHandle<()> {
    let witness = log.local_witness();
    rt.spawn(async move {
        let _witness = witness;
        pending::<()>().await;
    })
}

fn abort_elsewhere(abort: AbortHandle) {
    thread::spawn(move || {
        abort.abort();
        drop(abort);
    })
    .join()
    .unwrap();
}

#[test]
fn a_task_that_was_never_polled_is_dropped_here() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let task = spawn_stuck(&rt, &log);
    abort_elsewhere(task.abort_handle());
    assert_eq!(log.count(), 0);
    assert!(rt.block_on(task).unwrap_err().is_cancelled());
    log.assert_dropped_here(1);
}

#[test]
fn a_waiting_task_is_dropped_here() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let task = spawn_stuck(&rt, &log);
    rt.block_on(yield_now());
    abort_elsewhere(task.abort_handle());
    assert_eq!(log.count(), 0);
    assert!(rt.block_on(task).unwrap_err().is_cancelled());
    log.assert_dropped_here(1);
}

#[test]
fn a_sleeping_loop_is_woken_by_an_abort() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    for _ in 0..100 {
        let task = spawn_stuck(&rt, &log);
        let abort = task.abort_handle();
        let other = thread::spawn(move || abort.abort());
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        other.join().unwrap();
    }
    log.assert_dropped_here(100);
}

#[test]
fn a_join_handle_aborts_from_another_thread_too() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let task = spawn_stuck(&rt, &log);
    rt.block_on(yield_now());
    let other = thread::spawn(move || {
        task.abort();
        futures::executor::block_on(task)
    });
    rt.block_on(async {
        while log.count() == 0 {
            yield_now().await;
        }
    });
    log.assert_dropped_here(1);
    // The joiner's request arrives whenever it does; closing answers it at the latest.
    drop(rt);
    assert!(other.join().unwrap().unwrap_err().is_cancelled());
}

#[test]
fn an_abort_that_comes_after_the_end_changes_nothing() {
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async { "output" });
    let abort = task.abort_handle();
    rt.block_on(async {
        while !task.is_finished() {
            yield_now().await;
        }
    });
    abort_elsewhere(abort.clone());
    assert_eq!(rt.block_on(&mut task).unwrap(), "output");
    drop(rt);
    abort_elsewhere(abort);
    drop(task);
}

#[test]
fn a_last_abort_handle_abroad_only_frees_memory() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let (output, future) = (log.local_witness(), log.local_witness());
    let task = rt.spawn(async move {
        let _future = future;
        output
    });
    let abort = task.abort_handle();
    drop(task);
    // The handle was dropped while the loop did not run, so the loop has yet to hear of it.
    rt.block_on(yield_now());
    log.assert_dropped_here(2);
    abort_elsewhere(abort);
    rt.block_on(yield_now());
}
