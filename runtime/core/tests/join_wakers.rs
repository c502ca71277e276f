//! The waker that polls a join handle may be anybody's: one whose clone, wake or drop spawns, aborts, or gets
//! back at the handle finds no lock held and no borrow open.

mod support;

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use runtime::task::{AbortHandle, JoinHandle, yield_now};
use runtime::{Handle, Runtime};
use support::hooked_waker::{Hooks, hooked_waker};
use support::{CountingWaker, poll_with};

/// A slot through which a hook gets at the handle whose waker it belongs to.
type Slot = Arc<Mutex<Option<JoinHandle<&'static str>>>>;

/// A hook that spawns, aborts, and uses whatever is in the slot, which is nothing while it is being polled.
fn meddle(
    abort: &AbortHandle,
    slot: &Slot,
    calls: &Arc<AtomicUsize>,
) -> Box<dyn Fn() + Send + Sync> {
    let (abort, slot, calls) = (abort.clone(), slot.clone(), calls.clone());
    Box::new(move || {
        calls.fetch_add(1, Ordering::SeqCst);
        if let Ok(handle) = Handle::try_current() {
            drop(runtime::spawn(async {}));
            drop(handle.spawn(async {}));
        }
        abort.abort();
        assert_eq!(abort.clone().id(), abort.id());
        let handle = slot.try_lock().ok().and_then(|mut slot| slot.take());
        if let Some(mut handle) = handle {
            handle.abort();
            let counting = CountingWaker::new();
            let polled = poll_with(&mut handle, &counting.waker());
            assert!(polled.is_pending() || handle.is_finished());
            drop(handle);
        }
    })
}

/// Polls a task's handle with a waker that meddles, in and outside of the loop, then lets `end` end it.
fn meddle_with(poll_in_loop: bool, end: impl FnOnce(&Runtime, &AbortHandle)) -> usize {
    let rt = Runtime::new().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let victim = rt.spawn(pending::<()>());
    let slot = Slot::default();
    let (go, gone) = futures::channel::oneshot::channel::<()>();
    let mut task = rt.spawn(async {
        let _ = gone.await;
        "output"
    });
    let abort = task.abort_handle();
    let hook = || meddle(&victim.abort_handle(), &slot, &calls);
    let hooks = Hooks { on_clone: hook(), on_wake: hook(), on_drop: hook() };
    let waker = hooked_waker(hooks);
    let poll = |task: &mut JoinHandle<_>, waker: &Waker| {
        // The second waker replaces the first, whose drop meddles; the third is the same.
        for waker in
            [waker, &hooked_waker(Hooks { on_drop: hook(), ..Hooks::default() }), waker, waker]
        {
            assert!(poll_with(task, waker).is_pending());
        }
    };
    if poll_in_loop {
        rt.block_on(async {
            poll(&mut task, &waker);
            *slot.lock().unwrap() = Some(task);
            yield_now().await;
        });
    } else {
        poll(&mut task, &waker);
        *slot.lock().unwrap() = Some(task);
    }
    drop(go);
    end(&rt, &abort);
    drop(rt);
    drop(waker);
    assert!(abort.is_finished());
    calls.load(Ordering::SeqCst)
}

#[test]
fn a_waker_that_meddles_when_the_task_completes() {
    for poll_in_loop in [true, false] {
        let calls = meddle_with(poll_in_loop, |rt, _| {
            rt.block_on(async {
                yield_now().await;
                yield_now().await;
            });
        });
        assert!(calls > 3, "{calls} calls");
    }
}

#[test]
fn a_waker_that_meddles_when_the_task_is_aborted() {
    for poll_in_loop in [true, false] {
        let calls = meddle_with(poll_in_loop, |rt, abort| {
            abort.abort();
            rt.block_on(yield_now());
        });
        assert!(calls > 3, "{calls} calls");
    }
}

#[test]
fn a_waker_that_meddles_when_the_loop_closes() {
    for poll_in_loop in [true, false] {
        let calls = meddle_with(poll_in_loop, |rt, _| rt.close().unwrap());
        assert!(calls > 3, "{calls} calls");
    }
}

#[test]
fn a_waker_that_meddles_on_another_thread() {
    let rt = Runtime::new().unwrap();
    let other = rt.spawn_blocking(|| meddle_with(false, |rt, _| rt.block_on(yield_now())));
    assert!(rt.block_on(other).unwrap() > 3);
}

#[test]
fn a_waker_whose_clone_completes_the_task_is_not_waited_for() {
    // On another thread than the loop's, the task can complete while the joiner's waker is cloned.
    let rt = Arc::new(Mutex::new(()));
    let runtime = Runtime::new().unwrap();
    let (started, start) = std::sync::mpsc::channel::<()>();
    let (finished, finish) = std::sync::mpsc::channel::<()>();
    let task = runtime.spawn(async move {
        start.recv().unwrap();
        "output"
    });
    let other = std::thread::spawn(move || {
        let mut task = task;
        let abort = task.abort_handle();
        let started = Mutex::new(started);
        let waker = hooked_waker(Hooks {
            on_clone: Box::new(move || {
                let _ = started.lock().unwrap().send(());
                while !abort.is_finished() {
                    std::thread::yield_now();
                }
            }),
            ..Hooks::default()
        });
        let polled = poll_with(&mut task, &waker);
        finished.send(()).unwrap();
        polled
    });
    runtime.block_on(async {
        while finish.try_recv().is_err() {
            yield_now().await;
        }
    });
    let Poll::Ready(Ok("output")) = other.join().unwrap() else { panic!("waits for nothing") };
    drop(rt);
}

#[test]
fn a_waker_that_panics_when_cloned_leaves_the_handle_usable() {
    let waker = || {
        hooked_waker(Hooks {
            on_clone: Box::new(|| panic!("cloned on purpose")),
            ..Hooks::default()
        })
    };
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async {
        yield_now().await;
        1
    });
    support::panic_message(|| poll_with(&mut task, &waker()));
    rt.block_on(async {
        support::panic_message(|| poll_with(&mut task, &waker()));
        let counting = CountingWaker::new();
        assert!(poll_with(&mut task, &counting.waker()).is_pending());
        support::panic_message(|| poll_with(&mut task, &waker()));
        assert_eq!(task.await.unwrap(), 1);
        assert_eq!(counting.wakes(), 0, "replaced by the waker of the last wait");
    });
}

#[test]
fn a_waker_that_panics_when_replaced_leaves_the_new_one_in_place() {
    let bomb = || {
        let armed = std::sync::atomic::AtomicBool::new(true);
        hooked_waker(Hooks {
            on_drop: Box::new(move || {
                assert!(!armed.swap(false, Ordering::SeqCst), "dropped on purpose");
            }),
            ..Hooks::default()
        })
    };
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async { 1 });
    let counting = CountingWaker::new();
    let poll = |task: &mut JoinHandle<i32>| {
        let waker = bomb();
        assert!(poll_with(task, &waker).is_pending());
        support::panic_message(|| poll_with(task, &counting.waker()));
        // The hook has gone off.
        drop(waker);
    };
    poll(&mut task);
    rt.block_on(async {
        poll(&mut task);
        yield_now().await;
    });
    assert!(counting.wakes() >= 1);
    assert_eq!(rt.block_on(task).unwrap(), 1);
}

#[test]
fn redundant_wakes_through_a_join_chain_poll_each_task_once() {
    runtime::run(async {
        let polls = Arc::new(AtomicUsize::new(0));
        let mut task = runtime::spawn(async { 0 });
        for _ in 0..100 {
            let polls = polls.clone();
            task = runtime::spawn(async move {
                let mut task = task;
                std::future::poll_fn(|context| {
                    polls.fetch_add(1, Ordering::SeqCst);
                    context.waker().wake_by_ref();
                    std::pin::Pin::new(&mut task).poll(context)
                })
                .await
                .unwrap()
                    + 1
            });
        }
        assert_eq!(task.await.unwrap(), 100);
        assert!(polls.load(Ordering::SeqCst) >= 100);
    });
}
