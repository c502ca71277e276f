//! Guards of entered loops may be dropped in any order, or never.

mod support;

use std::mem::forget;
use std::thread;

use runtime::task::yield_now;
use runtime::{Handle, Runtime};
use support::DropLog;

/// Whether the current loop is that of `rt`, told by where a task ends up.
fn is_current(rt: &Runtime) -> bool {
    match Handle::try_current() {
        Ok(current) => format!("{current:?}") == format!("{:?}", rt.handle()),
        Err(_) => false,
    }
}

#[test]
fn the_innermost_guard_counts() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    assert!(Handle::try_current().is_err());
    let outer = one.enter();
    assert!(is_current(&one));
    {
        let _inner = two.enter();
        assert!(is_current(&two));
        let _again = one.enter();
        assert!(is_current(&one));
    }
    assert!(is_current(&one));
    drop(outer);
    assert!(Handle::try_current().is_err());
}

#[test]
fn running_a_loop_inside_another_ones_guard_comes_back_to_it() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let _guard = one.enter();
    two.block_on(async {
        yield_now().await;
        assert!(is_current(&two));
    });
    assert!(is_current(&one));
    let task = runtime::spawn(async { 1 });
    assert_eq!(one.block_on(task).unwrap(), 1);
    assert!(is_current(&one));
}

#[test]
fn guards_dropped_out_of_order_leave_loops_that_work() {
    let log = DropLog::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let runtimes = [(); 3].map(|()| Runtime::new().unwrap());
        let mut guards = runtimes.each_ref().map(|rt| Some(rt.enter()));
        for index in order {
            guards[index] = None;
            for rt in &runtimes {
                let witness = log.local_witness();
                assert!(rt.block_on(rt.spawn(async { witness })).is_ok());
            }
        }
        drop(guards);
        drop(runtimes);
        assert!(Handle::try_current().is_err());
    }
    log.assert_dropped_here(6 * 9);
}

#[test]
fn closing_between_guards_dropped_out_of_order_leaves_none_current() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let runtimes = [(); 3].map(|()| Runtime::new().unwrap());
        let mut guards = runtimes.each_ref().map(|rt| Some(rt.enter()));
        for index in order {
            runtimes[index].close().unwrap();
            assert!(!is_current(&runtimes[index]));
            guards[(index + 1) % 3] = None;
            assert!(!is_current(&runtimes[index]));
        }
        drop(guards);
        assert!(Handle::try_current().is_err());
    }
}

#[test]
fn a_forgotten_guard_keeps_the_loop_current_until_it_closes() {
    let log = DropLog::new();
    let rt = Runtime::new().unwrap();
    forget(rt.enter());
    forget(rt.enter());
    let witness = log.local_witness();
    drop(runtime::spawn(async { witness }));
    rt.block_on(yield_now());
    assert!(is_current(&rt));
    drop(rt);
    log.assert_dropped_here(1);
    assert!(Handle::try_current().is_err());
    assert_eq!(runtime::run(async { 1 }), 1);
}

#[test]
fn a_forgotten_guard_inside_another_loop_does_not_stop_that_loop() {
    let other = Runtime::new().unwrap();
    let rt = Runtime::new().unwrap();
    let sum = rt.block_on(async {
        let task = runtime::spawn(async {
            yield_now().await;
            1
        });
        forget(other.enter());
        // From here on this thread looks like a foreign one to the loop that it runs.
        let spawned = runtime::spawn(async { 10 });
        yield_now().await;
        let joined = rt.spawn(async { 100 }).await.unwrap();
        drop(spawned);
        task.await.unwrap() + joined
    });
    assert_eq!(sum, 101);
    drop(other);
    drop(rt);
    assert!(Handle::try_current().is_err());
}

#[test]
fn a_guard_held_while_waiting_does_not_stop_the_loop() {
    let other = Runtime::new().unwrap();
    let there = runtime::run(async {
        let tasks: Vec<_> = (0..10)
            .map(|n| {
                runtime::spawn(async move {
                    for _ in 0..n {
                        yield_now().await;
                    }
                    n
                })
            })
            .collect();
        let guard = other.enter();
        let there = runtime::spawn(async { "there" });
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, 45);
        drop(guard);
        runtime::time::sleep(std::time::Duration::from_millis(1)).await;
        there
    });
    assert_eq!(other.block_on(there).unwrap(), "there");
}

#[test]
fn a_thread_may_end_with_a_forgotten_guard() {
    let log = DropLog::new();
    let handle = thread::spawn({
        let log = log.clone();
        move || {
            let rt = Runtime::new().unwrap();
            forget(rt.enter());
            let witness = log.witness();
            drop(rt.spawn(async { witness }));
            rt.handle().clone()
        }
    })
    .join()
    .unwrap();
    assert!(handle.is_closed());
    assert_eq!(log.count(), 1);
}
