//! Closing a loop drops its tasks here and now; whoever still holds something of it is answered, not left
//! hanging.

mod support;

use std::future::ready;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use runtime::Runtime;
use runtime::task::{JoinHandle, yield_now};
use support::{CountingWaker, DropLog, panic_message, poll_with};

fn spawn_stuck(rt: &Runtime, log: &DropLog) -> JoinHandle<()> {
    let witness = log.local_witness();
    rt.spawn(async move {
        let _witness = witness;
        pending::<()>().await;
    })
}

#[test]
fn every_task_is_dropped_on_this_thread() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let mut tasks: Vec<_> = (0..100).map(|_| spawn_stuck(&rt, &log)).collect();
    rt.block_on(yield_now());
    // Some have never been polled, some are without a handle.
    tasks.extend((0..100).map(|_| spawn_stuck(&rt, &log)));
    tasks.drain(50..150);
    rt.close().unwrap();
    log.assert_dropped_here(200);
    for task in tasks {
        assert!(task.is_finished());
        assert!(block_on(task).unwrap_err().is_cancelled());
    }
}

#[test]
fn dropping_the_runtime_closes_it() {
    let log = DropLog::new();
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    drop(spawn_stuck(&rt, &log));
    drop(rt);
    log.assert_dropped_here(1);
    assert!(handle.is_closed());
}

#[test]
fn what_run_leaves_behind_is_dropped_before_it_returns() {
    let log = DropLog::new();
    let task = runtime::run(async {
        let witness = log.local_witness();
        runtime::spawn(async move {
            let _witness = witness;
            pending::<()>().await;
        })
    });
    log.assert_dropped_here(1);
    assert!(block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn closing_twice_is_closing_once() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    drop(spawn_stuck(&rt, &log));
    rt.close().unwrap();
    rt.close().unwrap();
    assert!(rt.is_closed());
    log.assert_dropped_here(1);
    assert!(rt.shutdown_timeout(Duration::MAX).blocking().is_clean());
}

#[test]
fn a_closed_loop_says_so() {
    let rt = Runtime::new().unwrap();
    rt.close().unwrap();
    for message in [panic_message(|| rt.block_on(async {})), panic_message(|| drop(rt.enter()))] {
        assert!(message.contains("the runtime is closed"), "{message}");
    }
    assert!(rt.run_until(pin!(async {})).unwrap_err().is_closed());
    assert!(rt.run_forever().is_err());
    assert!(rt.turn(None).is_err());
    assert_eq!(rt.next_timeout(), None);
    assert!(rt.handle().stop().is_err());
    assert!(rt.handle().call_soon(|| ()).is_err());
    // Not `Send`, and dropped at once.
    let witness = Rc::new(());
    for spawned in [&witness, &witness].map(|witness| rt.spawn(ready(witness.clone()))) {
        assert!(spawned.is_finished());
    }
    let kept = witness.clone();
    assert!(rt.call_soon(move || drop(kept)).is_cancelled());
    let kept = witness.clone();
    let timer = rt.call_later(Duration::from_secs(1), move || drop(kept));
    assert!(timer.is_cancelled());
    timer.cancel();
    assert_eq!(Rc::strong_count(&witness), 1);
    rt.stop();
    rt.close().unwrap();
    // What the failed calls began has been undone.
    assert!(runtime::Handle::try_current().is_err());
    assert_eq!(runtime::run(async { 1 }), 1);
}

#[test]
fn a_loop_can_not_be_closed_while_it_runs() {
    let rt = Rc::new(Runtime::new().unwrap());
    let error = rt.block_on(async {
        let inner = rt.clone();
        runtime::spawn(async move { inner.close() }).await.unwrap().unwrap_err()
    });
    assert!(error.to_string().contains("cannot be closed while it is running"), "{error}");
    assert!(!rt.is_closed());
    assert_eq!(rt.block_on(async { 1 }), 1);
}

#[test]
fn a_loop_is_closed_though_it_is_entered() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let guard = rt.enter();
    let witness = log.witness();
    drop(runtime::spawn(async { witness }));
    rt.close().unwrap();
    log.assert_dropped_here(1);
    assert!(runtime::Handle::try_current().is_err());
    drop(guard);
    assert!(runtime::Handle::try_current().is_err());
}

#[test]
fn a_handle_of_a_closed_loop_refuses_here_and_elsewhere() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    drop(rt);
    let refused = |handle: &runtime::Handle| {
        let log = DropLog::new();
        let witness = log.witness();
        let task = handle.spawn(async move {
            let _witness = witness;
            unreachable!("polled");
        });
        // Nobody else is there to do it.
        log.assert_dropped_here(1);
        assert!(task.is_finished());
        let abort = task.abort_handle();
        task.abort();
        assert!(block_on(task).unwrap_err().is_cancelled());
        abort.abort();

        let named = runtime::task::Builder::new().name("late").spawn_on(async { 1 }, handle);
        assert_eq!(named.name(), Some("late"));
        drop(named);

        let witness = log.witness();
        let job = handle.spawn_blocking(move || drop(witness));
        assert!(block_on(job).unwrap_err().is_cancelled());
        log.assert_dropped_here(2);
    };
    refused(&handle);
    thread::spawn(move || refused(&handle)).join().unwrap();
}

#[test]
fn a_refused_future_that_panics_when_dropped_is_an_error_of_the_join() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    drop(rt);
    let bomb = support::OnDrop(|| panic!("dropped on purpose"));
    let task = handle.spawn(async move {
        let _bomb = bomb;
    });
    assert!(block_on(task).unwrap_err().is_panic());
}

/// Wakers of tasks in every state, gathered while the loop ran.
fn wakers_of_a_closed_loop(log: &DropLog) -> (Vec<Waker>, Vec<JoinHandle<()>>) {
    let rt = Runtime::new().unwrap();
    let (sender, receiver) = mpsc::channel::<Waker>();
    let mut tasks = Vec::new();
    for n in 0..12 {
        let (sender, witness) = (sender.clone(), log.local_witness());
        let task = rt.spawn(async move {
            let _witness = witness;
            poll_fn(|context| {
                sender.send(context.waker().clone()).unwrap();
                // Some complete, some wait, some are queued when the loop closes.
                if n % 3 == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        });
        if n % 2 == 0 {
            tasks.push(task);
        }
    }
    let main = sender.clone();
    rt.block_on(async move {
        poll_fn(|context| {
            main.send(context.waker().clone()).unwrap();
            Poll::Ready(())
        })
        .await;
        yield_now().await;
    });
    let wakers: Vec<_> = receiver.try_iter().collect();
    assert_eq!(wakers.len(), 13);
    wakers.iter().step_by(4).for_each(Waker::wake_by_ref);
    drop(rt);
    (wakers, tasks)
}

fn use_up(wakers: Vec<Waker>) {
    for (n, waker) in wakers.into_iter().enumerate() {
        waker.wake_by_ref();
        let copy = waker.clone();
        assert!(copy.will_wake(&waker));
        match n % 3 {
            0 => copy.wake(),
            1 => drop(copy),
            _ => drop((copy.clone(), copy)),
        }
        waker.wake();
    }
}

#[test]
fn wakers_outlive_the_loop_on_its_thread() {
    let log = DropLog::new();
    let (wakers, tasks) = wakers_of_a_closed_loop(&log);
    log.assert_dropped_here(12);
    use_up(wakers);
    drop(tasks);
    let (wakers, tasks) = wakers_of_a_closed_loop(&log);
    drop(tasks);
    // Another loop that runs here meanwhile is not mistaken for the one that is gone.
    runtime::run(async move { use_up(wakers) });
}

#[test]
fn wakers_outlive_the_loop_on_other_threads() {
    let log = DropLog::new();
    let (wakers, tasks) = wakers_of_a_closed_loop(&log);
    log.assert_dropped_here(12);
    let others: Vec<_> = (0..4)
        .map(|_| {
            let wakers = wakers.clone();
            thread::spawn(move || use_up(wakers))
        })
        .collect();
    thread::spawn(move || drop(tasks)).join().unwrap();
    drop(wakers);
    for other in others {
        other.join().unwrap();
    }
}

#[test]
fn joiners_are_woken_by_close() {
    let rt = Runtime::new().unwrap();
    let (mut here, mut between) = (rt.spawn(pending::<()>()), rt.spawn(pending::<()>()));
    let counting = CountingWaker::new();
    rt.block_on(async { assert!(poll_with(&mut here, &counting.waker()).is_pending()) });
    assert!(poll_with(&mut between, &counting.waker()).is_pending());
    rt.close().unwrap();
    assert_eq!(counting.wakes(), 2);
    for task in [&mut here, &mut between] {
        let Poll::Ready(Err(error)) = poll_with(task, &counting.waker()) else { panic!("no end") };
        assert!(error.is_cancelled());
    }
}

#[test]
fn a_runtime_is_closed_by_a_panic_that_passes_through() {
    let log = DropLog::new();
    let message = panic_message(|| {
        let rt = Runtime::new().unwrap();
        drop(spawn_stuck(&rt, &log));
        rt.block_on(async {
            yield_now().await;
            panic!("on purpose");
        });
    });
    assert_eq!(message, "on purpose");
    log.assert_dropped_here(1);
}

#[test]
fn a_forgotten_runtime_leaks_and_that_is_all() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let waker = rt.block_on(poll_fn(|context| Poll::Ready(context.waker().clone())));
    std::mem::forget(rt);
    waker.wake();
    let task = handle.spawn(async {});
    assert!(!task.is_finished());
    thread::spawn(move || drop(task)).join().unwrap();
}
