//! A drop is user code: it may spawn, wake, abort, join or close, at any moment that the loop picks to run
//! it.

mod support;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures::executor::block_on;
use runtime::task::{AbortHandle, JoinHandle, yield_now};
use runtime::{Handle, Runtime};
use support::{DropLog, OnDrop, panic_message};

/// A task that never ends and calls `f` when it is dropped.
fn spawn_with_drop(rt: &Runtime, f: impl FnMut() + 'static) -> JoinHandle<()> {
    let on_drop = OnDrop(f);
    rt.spawn(async move {
        let _on_drop = on_drop;
        pending::<()>().await;
    })
}

#[test]
fn what_is_spawned_in_a_drop_during_close_is_cancelled() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let spawned = Rc::new(RefCell::new(Vec::new()));
    for polled in [true, false] {
        let (log, spawned, handle) = (log.clone(), spawned.clone(), rt.handle().clone());
        drop(spawn_with_drop(&rt, move || {
            let (here, there) = (log.local_witness(), log.witness());
            spawned.borrow_mut().push(runtime::spawn(async move {
                let _witness = here;
                unreachable!("polled");
            }));
            spawned.borrow_mut().push(handle.spawn(async move {
                let _witness = there;
                unreachable!("polled");
            }));
        }));
        if polled {
            rt.block_on(yield_now());
        }
    }
    rt.close().unwrap();
    log.assert_dropped_here(4);
    assert_eq!(spawned.borrow().len(), 4);
    for task in spawned.take() {
        assert!(block_on(task).unwrap_err().is_cancelled());
    }
}

#[test]
fn drops_that_spawn_tasks_whose_drops_spawn_come_to_an_end() {
    fn nested(depth: u32, log: DropLog) -> impl Future<Output = ()> {
        let witness = log.local_witness();
        let on_drop = OnDrop(move || {
            if depth > 0 {
                drop(runtime::spawn(nested(depth - 1, log.clone())));
            }
        });
        async move {
            let _held = (on_drop, witness);
            pending::<()>().await;
        }
    }

    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    drop(rt.spawn(nested(100, log.clone())));
    rt.block_on(yield_now());
    rt.close().unwrap();
    log.assert_dropped_here(101);
}

#[test]
fn what_is_spawned_in_the_drop_of_an_aborted_task_runs() {
    runtime::run(async {
        let spawned = Rc::new(RefCell::new(None));
        let on_drop = OnDrop({
            let spawned = spawned.clone();
            move || *spawned.borrow_mut() = Some(runtime::spawn(async { 7 }))
        });
        let task = runtime::spawn(async move {
            let _on_drop = on_drop;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        let spawned = spawned.borrow_mut().take().unwrap();
        assert_eq!(spawned.await.unwrap(), 7);
    });
}

#[test]
fn a_drop_may_wake_and_abort_any_task_also_its_own() {
    for close in [false, true] {
        let rt = Runtime::new().unwrap();
        let log = DropLog::new();
        let aborts = Rc::new(RefCell::new(Vec::<AbortHandle>::new()));
        let wakers = Rc::new(RefCell::new(Vec::<Waker>::new()));
        let mut tasks = Vec::new();
        for _ in 0..20 {
            let (aborts_too, wakers_too) = (aborts.clone(), wakers.clone());
            let mut on_drop = Some(OnDrop(move || {
                aborts_too.borrow().iter().for_each(AbortHandle::abort);
                wakers_too.borrow().iter().for_each(Waker::wake_by_ref);
                let wakers = wakers_too.borrow().clone();
                wakers.into_iter().for_each(Waker::wake);
            }));
            let (witness, wakers) = (log.local_witness(), wakers.clone());
            let task = rt.spawn(poll_fn(move |context| {
                let _held = &witness;
                wakers.borrow_mut().push(context.waker().clone());
                // The last poll of the first task drops what it holds, and with it aborts the others.
                if wakers.borrow().len() > 20 {
                    on_drop.take();
                }
                Poll::<()>::Pending
            }));
            aborts.borrow_mut().push(task.abort_handle());
            tasks.push(task);
        }
        rt.block_on(yield_now());
        assert_eq!(wakers.borrow().len(), 20);
        if close {
            rt.close().unwrap();
        } else {
            let first = wakers.borrow()[7].clone();
            first.wake();
            rt.block_on(async {
                for task in &mut tasks {
                    assert!(task.await.unwrap_err().is_cancelled());
                }
            });
        }
        log.assert_dropped_here(20);
        let wakers = wakers.take();
        drop(rt);
        wakers.into_iter().for_each(Waker::wake);
    }
}

#[test]
fn a_drop_may_drop_the_handles_of_other_tasks_and_its_own() {
    for close in [false, true] {
        let rt = Runtime::new().unwrap();
        let log = DropLog::new();
        let handles = Rc::new(RefCell::new(Vec::new()));
        for n in 0..10 {
            let (handles_too, output) = (handles.clone(), log.local_witness());
            let on_drop = OnDrop(move || drop(handles_too.take()));
            let task = rt.spawn(async move {
                if n % 2 == 0 {
                    pending::<()>().await;
                }
                drop(on_drop);
                output
            });
            handles.borrow_mut().push(task);
        }
        if close {
            drop(rt);
        } else {
            rt.block_on(yield_now());
            drop(rt);
        }
        log.assert_dropped_here(10);
    }
}

#[test]
fn an_output_that_acts_in_its_drop_is_dropped_once() {
    let rt = Runtime::new().unwrap();
    let drops = Rc::new(Cell::new(0));
    let output = OnDrop({
        let drops = drops.clone();
        move || {
            drops.set(drops.get() + 1);
            drop(runtime::spawn(async {}));
        }
    });
    let task = rt.spawn(async { output });
    let abort = task.abort_handle();
    rt.block_on(async {
        drop(task);
        yield_now().await;
        abort.abort();
        yield_now().await;
    });
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_future_that_holds_its_own_waker_is_freed() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    for n in 0..10 {
        let witness = log.local_witness();
        let mut own = Vec::<Waker>::new();
        let task = rt.spawn(poll_fn(move |context| {
            let _witness = &witness;
            own.push(context.waker().clone());
            if own.len() > n { Poll::Ready(own.clone()) } else { Poll::Pending }
        }));
        if n % 2 == 0 {
            drop(task);
        }
    }
    rt.block_on(yield_now());
    drop(rt);
    log.assert_dropped_here(10);
}

#[test]
fn closing_in_a_drop_during_close_does_nothing() {
    let rt = Rc::new(Runtime::new().unwrap());
    let log = DropLog::new();
    let mut wakers = Vec::new();
    for _ in 0..10 {
        let (inner, witness) = (rt.clone(), log.local_witness());
        let task = spawn_with_drop(&rt, move || {
            let _witness = &witness;
            inner.close().unwrap();
        });
        wakers.push(task.abort_handle());
    }
    rt.block_on(yield_now());
    rt.close().unwrap();
    assert!(rt.is_closed());
    log.assert_dropped_here(10);
    assert_eq!(Rc::strong_count(&rt), 1);
}

#[test]
fn running_the_loop_in_a_drop_during_close_is_refused() {
    let rt = Rc::new(Runtime::new().unwrap());
    let message = Rc::new(RefCell::new(String::new()));
    drop(spawn_with_drop(&rt, {
        let (rt, message) = (rt.clone(), message.clone());
        move || *message.borrow_mut() = panic_message(|| rt.block_on(async {}))
    }));
    rt.block_on(yield_now());
    rt.close().unwrap();
    assert!(message.borrow().contains("the runtime is closed"), "{}", message.borrow());
}

#[test]
fn another_loop_may_run_in_a_drop_during_close() {
    let rt = Runtime::new().unwrap();
    let result = Rc::new(Cell::new(0));
    drop(spawn_with_drop(&rt, {
        let result = result.clone();
        move || result.set(runtime::run(async { runtime::spawn(async { 5 }).await.unwrap() }))
    }));
    rt.block_on(yield_now());
    rt.close().unwrap();
    assert_eq!(result.get(), 5);
}

#[test]
fn a_drop_during_close_finds_its_loop_and_leaves_none_behind() {
    let rt = Runtime::new().unwrap();
    let found = Rc::new(Cell::new(false));
    drop(spawn_with_drop(&rt, {
        let found = found.clone();
        move || {
            drop(Handle::current());
            found.set(true);
        }
    }));
    rt.close().unwrap();
    assert!(found.get());
    assert!(Handle::try_current().is_err());
}
