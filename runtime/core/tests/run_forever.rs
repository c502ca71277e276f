//! `run_forever` runs until it is told to stop: the pass goes on to its end, and what it has queued waits
//! for the next run.

#![cfg(unix)]

mod support;

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use runtime::callback::{call_later, call_soon};
use runtime::{Handle, Runtime};
use support::panic_message;

type Log = Rc<RefCell<Vec<&'static str>>>;

fn noting(log: &Log, what: &'static str) -> impl FnOnce() + 'static + use<> {
    let log = log.clone();
    move || log.borrow_mut().push(what)
}

fn stop() {
    Handle::current().stop().unwrap();
}

#[test]
fn the_pass_of_the_stop_goes_on_to_its_end() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    let queued = noting(&log, "queued in the pass");
    rt.call_soon(move || {
        stop();
        call_soon(queued);
    });
    rt.call_soon(noting(&log, "ready before"));
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["ready before"]);
    rt.call_soon(stop);
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["ready before", "queued in the pass"]);
}

#[test]
fn a_stop_before_the_run_lets_one_pass_through() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    let next = noting(&log, "next pass");
    rt.call_soon(noting(&log, "ready"));
    rt.call_soon(|| drop(call_soon(next)));
    rt.stop();
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["ready"]);
    // Nothing to do, and no reason to wait.
    rt.stop();
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["ready", "next pass"]);
}

#[test]
fn stopping_twice_is_stopping_once() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    rt.stop();
    rt.stop();
    rt.handle().stop().unwrap();
    rt.run_forever().unwrap();
    // No request is left over: this runs until the last callback, passes later.
    let end = noting(&log, "end");
    rt.call_soon(|| {
        call_soon(|| {
            call_soon(|| {
                end();
                stop();
            });
        });
    });
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["end"]);
}

#[test]
fn the_pass_after_a_stop_looks_at_timers_and_descriptors() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    rt.call_later(Duration::ZERO, noting(&log, "timer"));
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(b"x").unwrap();
    {
        let _entered = rt.enter();
        let log = log.clone();
        runtime::reactor::add_reader(&ours, move || log.borrow_mut().push("reader")).unwrap();
    }
    rt.stop();
    rt.run_forever().unwrap();
    let mut seen = log.take();
    seen.sort_unstable();
    assert_eq!(seen, ["reader", "timer"]);
}

#[test]
fn so_does_the_one_after_a_stop_by_another_thread() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    rt.call_later(Duration::ZERO, noting(&log, "timer"));
    let handle = rt.handle().clone();
    thread::spawn(move || handle.stop().unwrap()).join().unwrap();
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["timer"]);
}

#[test]
fn it_may_be_run_again_and_again() {
    let rt = Runtime::new().unwrap();
    let runs = Rc::new(Cell::new(0));
    for _ in 0..100 {
        let counted = runs.clone();
        rt.call_soon(move || {
            counted.set(counted.get() + 1);
            stop();
        });
        rt.run_forever().unwrap();
    }
    assert_eq!(runs.get(), 100);
    assert_eq!(rt.block_on(async { 1 }), 1);
}

#[test]
fn tasks_stay_and_go_on_in_the_next_run() {
    let rt = Runtime::new().unwrap();
    let (sender, receiver) = futures::channel::oneshot::channel();
    let task = rt.spawn(async move {
        let value = receiver.await.unwrap();
        stop();
        value
    });
    rt.call_soon(stop);
    rt.run_forever().unwrap();
    assert!(!task.is_finished());
    sender.send(9).unwrap();
    rt.run_forever().unwrap();
    assert_eq!(rt.block_on(task).unwrap(), 9);
}

#[test]
fn another_thread_stops_a_loop_that_sleeps() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let (running, runs) = mpsc::channel();
    rt.call_soon(move || running.send(()).unwrap());
    let other = thread::spawn(move || {
        runs.recv().unwrap();
        handle.stop().unwrap();
    });
    // There is nothing else that would end this sleep.
    rt.run_forever().unwrap();
    other.join().unwrap();
}

#[test]
fn another_thread_stops_it_before_it_runs() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    thread::spawn(move || handle.stop().unwrap()).join().unwrap();
    let log = Log::default();
    rt.call_soon(noting(&log, "ready"));
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), ["ready"]);
}

#[test]
fn a_stop_is_obeyed_though_there_is_always_more_to_do() {
    fn again() {
        call_soon(again);
    }
    fn tick() {
        call_later(Duration::ZERO, tick);
    }
    let rt = Runtime::new().unwrap();
    rt.call_soon(again);
    rt.call_soon(tick);
    drop(rt.spawn(async {
        loop {
            runtime::task::yield_now().await;
        }
    }));
    rt.call_later(Duration::from_micros(100), stop);
    rt.run_forever().unwrap();
    let handle = rt.handle().clone();
    let other = thread::spawn(move || handle.stop().unwrap());
    rt.run_forever().unwrap();
    other.join().unwrap();
}

#[test]
fn it_is_running_while_it_runs() {
    let rt = Rc::new(Runtime::new().unwrap());
    let other = Runtime::new().unwrap();
    let seen = Rc::new(Cell::new(None));
    let (inside, noted) = (rt.clone(), seen.clone());
    rt.call_soon(move || {
        noted.set(Some((inside.is_running(), other.is_running(), inside.is_closed())));
        inside.stop();
    });
    assert!(!rt.is_running());
    rt.run_forever().unwrap();
    assert_eq!(seen.get(), Some((true, false, false)));
    assert!(!rt.is_running());
    let _entered = rt.enter();
    assert!(!rt.is_running());
}

#[test]
fn a_loop_inside_of_a_loop_panics_with_the_remedy() {
    let rt = Rc::new(Runtime::new().unwrap());
    let messages = Rc::new(RefCell::new(Vec::new()));
    let (inside, noted) = (rt.clone(), messages.clone());
    rt.call_soon(move || {
        let other = Runtime::new().unwrap();
        noted.borrow_mut().extend([
            panic_message(|| inside.run_forever()),
            panic_message(|| other.run_forever()),
            panic_message(|| other.run_until(std::pin::pin!(async {}))),
            panic_message(|| other.block_on(async {})),
        ]);
        // They are none the worse for it.
        assert!(inside.is_running());
        assert!(Handle::try_current().is_ok());
        inside.stop();
    });
    rt.run_forever().unwrap();
    for message in messages.take() {
        assert!(message.contains("spawn_blocking"), "{message}");
        assert!(message.contains("another thread"), "{message}");
    }
    rt.call_soon(stop);
    rt.run_forever().unwrap();
}

#[test]
fn a_panicking_callback_does_not_end_it() {
    let rt = Runtime::builder().exception_handler(|_| ()).build().unwrap();
    rt.call_soon(|| panic!("on purpose"));
    rt.call_later(Duration::ZERO, || panic!("on purpose"));
    rt.call_later(Duration::from_micros(10), stop);
    rt.run_forever().unwrap();
}

#[test]
fn a_closed_loop_does_not_run() {
    let rt = Runtime::new().unwrap();
    rt.call_soon(|| unreachable!("the loop is closed before it runs"));
    rt.close().unwrap();
    let closed = rt.run_forever().unwrap_err();
    assert!(closed.to_string().contains("closed"));
    assert!(!rt.is_running());
}
