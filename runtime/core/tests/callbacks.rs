//! Callbacks are called once, in order, in the pass after the one that queued them, and not at all once
//! cancelled.

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use runtime::callback::{CallbackHandle, call_later, call_soon};
use runtime::task::yield_now;
use runtime::{Handle, Runtime, context_var};
use support::{DropLog, OnDrop, panic_message};

type Log = Rc<RefCell<Vec<String>>>;

fn noting<S: Into<String>>(log: &Log, what: S) -> impl FnOnce() + 'static + use<S> {
    let (log, what) = (log.clone(), what.into());
    move || log.borrow_mut().push(what)
}

#[test]
fn they_run_in_order_among_tasks() {
    let log = Log::default();
    runtime::run(async {
        for number in 0..10 {
            if number % 3 == 0 {
                let note = noting(&log, format!("{number}"));
                drop(runtime::spawn(async move { note() }));
            } else {
                call_soon(noting(&log, format!("{number}")));
            }
        }
        yield_now().await;
    });
    let expected: Vec<_> = (0..10).map(|number| number.to_string()).collect();
    assert_eq!(*log.borrow(), expected);
}

#[test]
fn what_a_callback_queues_runs_in_the_next_pass() {
    let log = Log::default();
    let rt = Runtime::new().unwrap();
    let (second, third) = (noting(&log, "second pass"), noting(&log, "third pass"));
    rt.call_soon(move || {
        call_soon(move || {
            second();
            call_soon(third);
        });
    });
    for name in ["a", "b"] {
        rt.call_soon(noting(&log, name));
    }
    let passes = [vec!["a", "b"], vec!["second pass"], vec!["third pass"], vec![]];
    for pass in passes {
        rt.stop();
        rt.run_forever().unwrap();
        assert_eq!(log.take(), pass);
    }
}

#[test]
fn each_is_called_exactly_once() {
    let calls = Rc::new(Cell::new(0));
    runtime::run(async {
        let handles: Vec<_> = (0..1000)
            .map(|_| {
                let calls = calls.clone();
                call_soon(move || calls.set(calls.get() + 1))
            })
            .collect();
        yield_now().await;
        assert_eq!(calls.get(), 1000);
        assert!(handles.iter().all(|handle| !handle.is_cancelled()));
        yield_now().await;
    });
    assert_eq!(calls.get(), 1000);
}

#[test]
fn outside_of_a_loop_it_says_so() {
    let message = panic_message(|| call_soon(|| ()));
    assert!(message.contains("there is no reactor running"), "{message}");
    let message = panic_message(|| call_later(Duration::ZERO, || ()));
    assert!(message.contains("there is no reactor running"), "{message}");
}

#[test]
fn cancelled_before_it_is_dropped_at_once_and_not_called() {
    let drops = DropLog::new();
    runtime::run(async {
        let witness = drops.local_witness();
        let callback = call_soon(move || {
            let _witness = witness;
            unreachable!("it is cancelled");
        });
        assert!(!callback.is_cancelled());
        callback.cancel();
        assert!(callback.is_cancelled());
        drops.assert_dropped_here(1);
        callback.cancel();
        yield_now().await;
        assert!(callback.is_cancelled());
    });
    drops.assert_dropped_here(1);
}

#[test]
fn cancelled_afterwards_it_has_been_called() {
    runtime::run(async {
        let log = Log::default();
        let callback = call_soon(noting(&log, "called"));
        yield_now().await;
        callback.cancel();
        assert!(!callback.is_cancelled());
        assert_eq!(*log.borrow(), ["called"]);
    });
}

#[test]
fn cancelled_by_itself_it_runs_to_its_end() {
    runtime::run(async {
        let drops = DropLog::new();
        let own: Rc<RefCell<Option<CallbackHandle>>> = Rc::default();
        let (handle, witness, seen) = (own.clone(), drops.local_witness(), drops.clone());
        let callback = call_soon(move || {
            let callback = handle.borrow().clone().unwrap();
            callback.cancel();
            assert!(!callback.is_cancelled());
            // What it has captured is there until it returns.
            assert_eq!(seen.count(), 0);
            drop(witness);
        });
        *own.borrow_mut() = Some(callback.clone());
        yield_now().await;
        drops.assert_dropped_here(1);
        assert!(!callback.is_cancelled());
    });
}

#[test]
fn it_may_drop_its_own_last_handle() {
    runtime::run(async {
        let own: Rc<RefCell<Option<CallbackHandle>>> = Rc::default();
        let (handle, called) = (own.clone(), Rc::new(Cell::new(false)));
        let noted = called.clone();
        *own.borrow_mut() = Some(call_soon(move || {
            drop(handle.borrow_mut().take().unwrap());
            // Memory that is given out now must not be its own.
            let others: Vec<_> = (0..10).map(|_| call_soon(|| ())).collect();
            noted.set(true);
            drop(others);
        }));
        yield_now().await;
        assert!(called.get());
        assert!(own.borrow().is_none());
    });
}

#[test]
fn a_callback_that_owns_its_handle_is_freed_by_cancel() {
    runtime::run(async {
        let drops = DropLog::new();
        let own: Rc<RefCell<Option<CallbackHandle>>> = Rc::default();
        let (inner, witness) = (own.clone(), drops.local_witness());
        let callback = call_soon(move || drop((inner, witness)));
        *own.borrow_mut() = Some(callback);
        drop(own);
        let other = call_soon(|| ());
        other.cancel();
        yield_now().await;
        drops.assert_dropped_here(1);
    });
}

#[test]
fn one_may_cancel_another_of_the_same_pass() {
    runtime::run(async {
        let log = Log::default();
        let second: Rc<RefCell<Option<CallbackHandle>>> = Rc::default();
        let (handle, first) = (second.clone(), noting(&log, "first"));
        call_soon(move || {
            first();
            handle.take().unwrap().cancel();
        });
        *second.borrow_mut() = Some(call_soon(noting(&log, "second")));
        call_soon(noting(&log, "third"));
        yield_now().await;
        assert_eq!(*log.borrow(), ["first", "third"]);
    });
}

#[test]
fn dropping_the_handle_leaves_the_callback() {
    runtime::run(async {
        let log = Log::default();
        drop(call_soon(noting(&log, "called")));
        yield_now().await;
        assert_eq!(*log.borrow(), ["called"]);
    });
}

#[test]
fn cancelled_from_another_thread_it_is_dropped_on_its_own() {
    let drops = DropLog::new();
    let rt = Runtime::new().unwrap();
    let witness = drops.local_witness();
    let callback = rt.call_soon(move || {
        let _witness = witness;
        unreachable!("it is cancelled before the loop runs");
    });
    let handle = callback.clone();
    thread::spawn(move || {
        handle.cancel();
        assert!(handle.is_cancelled());
    })
    .join()
    .unwrap();
    assert_eq!(drops.count(), 0);
    rt.block_on(yield_now());
    assert!(callback.is_cancelled());
    drops.assert_dropped_here(1);
}

#[test]
fn a_race_of_cancel_and_call_has_one_winner() {
    let rt = Runtime::new().unwrap();
    for _ in 0..500 {
        let called = Arc::new(Mutex::new(false));
        let noted = called.clone();
        let callback = rt.call_soon(move || *noted.lock().unwrap() = true);
        let handle = callback.clone();
        let other = thread::spawn(move || handle.cancel());
        rt.block_on(yield_now());
        other.join().unwrap();
        rt.block_on(yield_now());
        assert_eq!(callback.is_cancelled(), !*called.lock().unwrap());
    }
}

#[test]
fn handles_outlive_the_loop_anywhere() {
    let rt = Runtime::new().unwrap();
    let (left, called) = (rt.call_soon(|| ()), rt.call_soon(|| ()));
    let timer = rt.call_later(Duration::from_secs(3600), || ());
    called.cancel();
    rt.close().unwrap();
    assert!(left.is_cancelled() && called.is_cancelled() && timer.is_cancelled());
    let copies = (left.clone(), timer.clone());
    thread::spawn(move || {
        copies.0.cancel();
        copies.1.cancel();
        assert!(copies.0.is_cancelled() && copies.1.is_cancelled());
    })
    .join()
    .unwrap();
    left.cancel();
    timer.cancel();
    runtime::run(async move { drop((left, timer)) });
}

#[test]
fn the_end_of_the_loop_drops_them_on_its_thread() {
    let drops = DropLog::new();
    let rt = Runtime::new().unwrap();
    let capture = || {
        let witness = drops.local_witness();
        move || {
            let _witness = &witness;
            unreachable!("the loop is closed before it is called");
        }
    };
    rt.call_soon(capture());
    rt.call_later(Duration::ZERO, capture());
    rt.call_later(Duration::MAX, capture());
    let witness = drops.witness();
    let handle = rt.handle().clone();
    thread::spawn(move || handle.call_soon(move || drop(witness)).unwrap()).join().unwrap();
    // One of them panics when it is dropped, one queues another, and one asks who is there.
    let bomb = OnDrop(|| panic!("on purpose"));
    rt.call_soon(move || drop(bomb));
    let queued = Rc::new(Cell::new(None));
    let noted = queued.clone();
    let acts = OnDrop(move || {
        let late = call_soon(|| unreachable!("the loop is closing"));
        let later = call_later(Duration::ZERO, || unreachable!("the loop is closing"));
        noted.set(Some((late.is_cancelled(), later.is_cancelled(), Handle::try_current().is_ok())));
    });
    rt.call_later(Duration::from_secs(1), move || drop(acts));
    rt.close().unwrap();
    drops.assert_dropped_here(4);
    assert_eq!(queued.get(), Some((true, true, true)));
}

#[test]
fn a_callback_runs_in_the_context_in_which_it_was_made() {
    context_var! {
        static NAME: &'static str = "nobody";
    }
    let log = Log::default();
    runtime::run(async {
        for name in ["ada", "grace"] {
            NAME.set(name);
            for delay in [None, Some(Duration::from_micros(1))] {
                let log = log.clone();
                let note = move || {
                    log.borrow_mut().push(NAME.get().to_owned());
                    NAME.set("changed inside");
                };
                let context = match delay {
                    None => call_soon(note).context(),
                    Some(delay) => call_later(delay, note).context(),
                };
                assert_eq!(context.get(&NAME), Some(&name));
            }
        }
        NAME.set("outside");
        while log.borrow().len() < 4 {
            yield_now().await;
        }
        assert_eq!(NAME.get(), "outside");
    });
    let mut names = log.take();
    names.sort_unstable();
    assert_eq!(names, ["ada", "ada", "grace", "grace"]);
}

#[test]
fn a_callback_is_no_task_and_may_start_some() {
    runtime::run(async {
        let (sender, receiver) = futures::channel::oneshot::channel();
        call_soon(move || {
            assert_eq!(runtime::task::try_id(), None);
            drop(runtime::spawn(async move { sender.send(runtime::task::try_id()).unwrap() }));
        });
        assert!(receiver.await.unwrap().is_some());
    });
}
