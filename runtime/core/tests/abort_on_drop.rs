//! A task tied to an `AbortOnDropHandle` ends with it.

mod support;

use std::future::pending;
use std::thread;

use runtime::Runtime;
use runtime::task::{AbortOnDropHandle, yield_now};
use support::DropLog;

#[test]
fn dropping_the_handle_aborts_the_task() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let task = AbortOnDropHandle::new(runtime::spawn(async move {
            let _witness = witness;
            pending::<()>().await;
        }));
        yield_now().await;
        assert!(!task.is_finished());
        drop(task);
        yield_now().await;
        log.assert_dropped_here(1);
    });
}

#[test]
fn dropping_the_handle_on_another_thread_drops_the_future_here() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move {
        let _witness = witness;
        pending::<()>().await;
    });
    let task = AbortOnDropHandle::from(task);
    rt.block_on(yield_now());
    thread::spawn(move || drop(task)).join().unwrap();
    assert_eq!(log.count(), 0);
    rt.block_on(yield_now());
    log.assert_dropped_here(1);
}

#[test]
fn awaiting_the_handle_yields_the_output() {
    runtime::run(async {
        let task = AbortOnDropHandle::new(runtime::spawn(async { "output" }));
        assert_eq!(task.await.unwrap(), "output");
    });
}

#[test]
fn a_detached_handle_aborts_nothing() {
    runtime::run(async {
        let task = AbortOnDropHandle::new(runtime::spawn(async {
            yield_now().await;
            "output"
        }));
        let task = task.detach();
        yield_now().await;
        assert_eq!(task.await.unwrap(), "output");
    });
}

#[test]
fn a_cancelled_scope_takes_its_tasks_along() {
    runtime::run(async {
        let log = DropLog::new();
        let scope = runtime::spawn({
            let log = log.clone();
            async move {
                let spawn = || {
                    let witness = log.local_witness();
                    AbortOnDropHandle::new(runtime::spawn(async move {
                        let _witness = witness;
                        pending::<()>().await;
                    }))
                };
                let children = [spawn(), spawn(), spawn()];
                for child in children {
                    child.await.unwrap();
                }
            }
        });
        yield_now().await;
        yield_now().await;
        scope.abort();
        assert!(scope.await.unwrap_err().is_cancelled());
        yield_now().await;
        log.assert_dropped_here(3);
    });
}
