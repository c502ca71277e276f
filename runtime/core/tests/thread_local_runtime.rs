//! A runtime kept in a thread-local is torn down with its thread, whatever else is gone by then.

mod support;

use std::cell::RefCell;
use std::future::pending;
use std::thread;
use std::time::Duration;

use runtime::task::yield_now;
use runtime::{Handle, Runtime};
use support::{DropLog, OnDrop};

thread_local! {
    static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) };
    static OTHER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn with_runtime<R>(f: impl FnOnce(&Runtime) -> R) -> R {
    RUNTIME.with_borrow_mut(|slot| f(slot.get_or_insert_with(|| Runtime::new().unwrap())))
}

#[test]
fn tasks_timers_sockets_and_jobs_are_dropped_with_the_thread() {
    let log = DropLog::new();
    let (handle, task, waker) = thread::spawn({
        let log = log.clone();
        move || {
            let (witness, asleep) = (log.local_witness(), log.local_witness());
            with_runtime(|rt| {
                let task = rt.spawn(async move {
                    let _witness = witness;
                    pending::<()>().await;
                });
                drop(rt.spawn(async move {
                    let _asleep = asleep;
                    runtime::time::sleep(Duration::from_secs(3600)).await;
                }));
                drop(rt.spawn_blocking(|| ()));
                let waker = rt.block_on(async {
                    yield_now().await;
                    std::future::poll_fn(|context| std::task::Poll::Ready(context.waker().clone()))
                        .await
                });
                (rt.handle().clone(), task, waker)
            })
        }
    })
    .join()
    .unwrap();
    assert_eq!(log.count(), 2);
    assert!(handle.is_closed());
    assert!(futures::executor::block_on(task).unwrap_err().is_cancelled());
    waker.wake();
}

#[test]
fn drops_during_the_teardown_may_look_for_thread_locals_and_loops() {
    let log = DropLog::new();
    thread::spawn({
        let log = log.clone();
        move || {
            // In both orders of destruction.
            OTHER.with_borrow_mut(|bytes| bytes.push(1));
            let witness = log.local_witness();
            let on_drop = OnDrop(move || {
                let _witness = &witness;
                let _ = OTHER.try_with(|bytes| bytes.borrow().len());
                let handle = Handle::current();
                assert!(RUNTIME.try_with(|_| ()).is_err(), "the slot is being destroyed");
                drop(runtime::spawn(async {}));
                drop(handle.spawn(async {}));
                drop(runtime::spawn_blocking(|| ()));
            });
            with_runtime(|rt| {
                drop(rt.spawn(async move {
                    let _on_drop = on_drop;
                    pending::<()>().await;
                }));
                rt.block_on(yield_now());
            });
        }
    })
    .join()
    .unwrap();
    assert_eq!(log.count(), 1);
}

#[test]
fn a_loop_may_run_while_thread_locals_are_destroyed() {
    thread_local! {
        static LATE: RefCell<Option<OnDrop<Box<dyn FnMut()>>>> = const { RefCell::new(None) };
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        with_runtime(|rt| rt.block_on(yield_now()));
        let run: Box<dyn FnMut()> = Box::new(move || {
            let sum = runtime::run(async {
                runtime::time::sleep(Duration::from_millis(1)).await;
                runtime::spawn(async { 1 }).await.unwrap()
                    + runtime::spawn_blocking(|| 2).await.unwrap()
            });
            sender.send(sum).unwrap();
        });
        LATE.with_borrow_mut(|slot| *slot = Some(OnDrop(run)));
    })
    .join()
    .unwrap();
    assert_eq!(receiver.recv().unwrap(), 3);
}
