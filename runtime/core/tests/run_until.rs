//! `run_until` runs a future until it is done or the loop is told to stop, and then goes on with the same
//! one.

mod support;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use runtime::callback::{call_later, call_soon};
use runtime::task::yield_now;
use runtime::{Handle, Runtime};
use support::panic_message;

#[test]
fn a_future_that_is_done_is_the_end_of_it() {
    let rt = Runtime::new().unwrap();
    assert_eq!(rt.run_until(pin!(async { 7 })).unwrap(), 7);
    let task = rt.spawn(async { yield_now().await });
    assert!(rt.run_until(pin!(task)).unwrap().is_ok());
}

#[test]
fn a_stopped_future_goes_on_where_it_was() {
    let rt = Runtime::new().unwrap();
    let steps = Cell::new(0);
    let mut future = pin!(async {
        for _ in 0..3 {
            steps.set(steps.get() + 1);
            Handle::current().stop().unwrap();
            yield_now().await;
        }
        "done"
    });
    for step in 1..=3 {
        let stopped = rt.run_until(future.as_mut()).unwrap_err();
        assert!(!stopped.is_closed());
        assert_eq!(steps.get(), step);
    }
    assert_eq!(rt.run_until(future.as_mut()).unwrap(), "done");
}

#[test]
fn wakes_that_come_between_two_runs_are_not_lost() {
    let rt = Runtime::new().unwrap();
    let (sender, receiver) = futures::channel::oneshot::channel();
    let mut future = pin!(receiver);
    rt.stop();
    assert!(rt.run_until(future.as_mut()).is_err());
    thread::spawn(move || sender.send(5).unwrap()).join().unwrap();
    assert_eq!(rt.run_until(future.as_mut()).unwrap(), Ok(5));
}

#[test]
fn a_stop_before_the_run_lets_one_pass_through() {
    let rt = Runtime::new().unwrap();
    let polls = Cell::new(0);
    let mut future = pin!(poll_fn(|context| {
        polls.set(polls.get() + 1);
        context.waker().wake_by_ref();
        if polls.get() == 3 { Poll::Ready(()) } else { Poll::Pending }
    }));
    rt.stop();
    assert!(rt.run_until(future.as_mut()).is_err());
    assert_eq!(polls.get(), 1);
    // The request has been met, and is forgotten.
    rt.run_until(future.as_mut()).unwrap();
    assert_eq!(polls.get(), 3);
}

#[test]
fn what_is_done_in_the_pass_of_the_stop_is_done() {
    let rt = Runtime::new().unwrap();
    rt.stop();
    assert_eq!(rt.run_until(pin!(async { 1 })).unwrap(), 1);
    let done = rt.run_until(pin!(async {
        Handle::current().stop().unwrap();
        2
    }));
    assert_eq!(done.unwrap(), 2);
    // That request was for the run that it ended.
    assert_eq!(
        rt.run_until(pin!(async {
            yield_now().await;
            3
        }))
        .unwrap(),
        3
    );
}

#[test]
fn anybody_may_stop_it() {
    let rt = Rc::new(Runtime::new().unwrap());
    let mut never = pin!(pending::<()>());

    rt.call_soon(|| Handle::current().stop().unwrap());
    assert!(rt.run_until(never.as_mut()).is_err());

    let inside = rt.clone();
    rt.call_later(Duration::ZERO, move || inside.stop());
    assert!(rt.run_until(never.as_mut()).is_err());

    let inside = rt.clone();
    let task = rt.spawn(async move { inside.stop() });
    assert!(rt.run_until(never.as_mut()).is_err());
    assert!(task.is_finished());

    let handle = rt.handle().clone();
    let (running, runs) = mpsc::channel();
    rt.call_soon(move || running.send(()).unwrap());
    let other = thread::spawn(move || {
        runs.recv().unwrap();
        handle.stop().unwrap();
    });
    assert!(rt.run_until(never.as_mut()).is_err());
    other.join().unwrap();
}

#[test]
fn block_on_runs_on_and_leaves_the_stop_to_the_next() {
    let rt = Runtime::new().unwrap();
    let finished = rt.block_on(async {
        Handle::current().stop().unwrap();
        for _ in 0..10 {
            yield_now().await;
        }
        true
    });
    assert!(finished);
    assert!(rt.run_until(pin!(pending::<()>())).is_err());
    assert_eq!(
        rt.run_until(pin!(async {
            yield_now().await;
            1
        }))
        .unwrap(),
        1
    );
}

#[test]
fn a_panic_of_the_future_passes_through_and_the_loop_goes_on() {
    let rt = Runtime::new().unwrap();
    let message = panic_message(|| {
        rt.run_until(pin!(async {
            yield_now().await;
            if true {
                panic!("on purpose");
            }
        }))
    });
    assert_eq!(message, "on purpose");
    assert!(!rt.is_running());
    assert_eq!(
        rt.run_until(pin!(async {
            yield_now().await;
            1
        }))
        .unwrap(),
        1
    );
}

#[test]
fn a_closed_loop_says_that_it_is_closed() {
    let rt = Runtime::new().unwrap();
    rt.close().unwrap();
    let mut polled = false;
    let stopped = rt.run_until(pin!(async { polled = true })).unwrap_err();
    assert!(stopped.is_closed());
    assert!(!polled);
}

#[test]
fn another_future_may_be_run_in_between() {
    let rt = Runtime::new().unwrap();
    let log = RefCell::new(Vec::new());
    let run = |name, ends: u32| {
        let log = &log;
        async move {
            for step in 0..ends {
                log.borrow_mut().push((name, step));
                if step == 0 {
                    Handle::current().stop().unwrap();
                }
                yield_now().await;
            }
            name
        }
    };
    let (mut one, mut two) = (pin!(run("one", 2)), pin!(run("two", 3)));
    assert!(rt.run_until(one.as_mut()).is_err());
    assert!(rt.run_until(two.as_mut()).is_err());
    assert_eq!(rt.run_until(one.as_mut()).unwrap(), "one");
    assert_eq!(rt.run_until(two.as_mut()).unwrap(), "two");
    assert_eq!(*log.borrow(), [("one", 0), ("two", 0), ("one", 1), ("two", 1), ("two", 2)]);
}

#[test]
fn tasks_and_timers_go_on_over_the_stops() {
    let rt = Runtime::new().unwrap();
    let ticks = Rc::new(Cell::new(0));
    let counted = ticks.clone();
    let task = rt.spawn(async move {
        for _ in 0..5 {
            runtime::time::sleep(Duration::from_micros(10)).await;
            counted.set(counted.get() + 1);
        }
    });
    let mut future = pin!(task);
    let mut stops = 0;
    let joined = loop {
        rt.call_soon(|| {
            call_later(Duration::ZERO, || {
                call_soon(|| Handle::current().stop().unwrap());
            });
        });
        match rt.run_until(future.as_mut()) {
            Ok(joined) => break joined,
            Err(_) => stops += 1,
        }
    };
    assert!(joined.is_ok());
    assert_eq!(ticks.get(), 5);
    assert!(stops > 0);
}
