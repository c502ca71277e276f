//! After its end a loop answers each call with an error or a cancelled join, here and on other threads; and
//! it does not end while it runs.

mod support;

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use runtime::{ExceptionContext, Runtime, ShutdownOptions};
use support::{DropLog, OnDrop, panic_message};

fn closed() -> Runtime {
    let rt = Runtime::new().unwrap();
    rt.close().unwrap();
    rt
}

#[test]
fn closing_again_does_nothing() {
    let rt = closed();
    rt.close().unwrap();
    assert!(rt.is_closed() && !rt.is_running());
    assert!(rt.shutdown(Duration::ZERO).is_clean());
    assert!(rt.shutdown(ShutdownOptions::new().task_grace(Duration::from_secs(60))).is_clean());
    assert!(rt.shutdown_blocking(Some(Duration::ZERO)).is_clean());
}

#[test]
fn it_can_not_be_run() {
    let rt = closed();
    assert!(rt.run_forever().is_err());
    assert!(rt.run_until(pin!(async {})).unwrap_err().is_closed());
    assert!(rt.turn(Some(Duration::ZERO)).is_err());
    assert!(rt.turn(None).is_err());
    assert_eq!(rt.next_timeout(), None);
    rt.stop();
    assert!(rt.run_forever().is_err());
    // These two have no error to return.
    let message = panic_message(|| rt.block_on(async {}));
    assert!(message.contains("the runtime is closed"), "{message}");
    let message = panic_message(|| drop(rt.enter()));
    assert!(message.contains("the runtime is closed"), "{message}");
    // A loop of its own is not hindered.
    assert_eq!(runtime::run(async { 1 }), 1);
}

#[test]
fn what_it_is_given_is_dropped_at_once() {
    let rt = closed();
    let drops = DropLog::new();
    let witness = drops.local_witness();
    let task = rt.spawn(async move { drop(witness) });
    drops.assert_dropped_here(1);
    assert!(task.is_finished());
    assert!(block_on(task).unwrap_err().is_cancelled());

    let witness = drops.local_witness();
    let soon = rt.call_soon(move || drop(witness));
    let witness = drops.local_witness();
    let later = rt.call_later(Duration::ZERO, move || drop(witness));
    let witness = drops.local_witness();
    let at = rt.call_at(runtime::time::now() + Duration::from_secs(9), move || drop(witness));
    drops.assert_dropped_here(4);
    assert!(soon.is_cancelled() && later.is_cancelled() && at.is_cancelled());

    let witness = drops.witness();
    let job = rt.spawn_blocking(move || drop(witness));
    assert!(block_on(job).unwrap_err().is_cancelled());
    assert_eq!(drops.count(), 5);
}

#[test]
fn its_settings_may_still_be_looked_at() {
    let rt = closed();
    rt.set_exception_handler(|_: &ExceptionContext| ());
    let _ = rt.exception_handler();
    rt.set_debug(true);
    let _ = format!("{rt:?} {:?}", rt.handle());
}

#[test]
fn other_threads_are_refused() {
    let rt = closed();
    let handle = rt.handle().clone();
    let thread = thread::spawn(move || {
        let drops = DropLog::new();
        let witness = drops.witness();
        let task = handle.spawn(async move { drop(witness) });
        drops.assert_dropped_here(1);
        assert!(block_on(task).unwrap_err().is_cancelled());
        let witness = drops.witness();
        assert!(handle.call_soon(move || drop(witness)).is_err());
        drops.assert_dropped_here(2);
        let job = handle.spawn_blocking(|| ());
        assert!(block_on(job).unwrap_err().is_cancelled());
        assert!(handle.stop().is_err());
        assert!(handle.call_exception_handler(ExceptionContext::new("too late")).is_err());
        assert!(handle.is_closed());
    });
    thread.join().unwrap();
}

#[test]
fn a_running_loop_is_not_closed_from_anywhere_inside() {
    let rt = Rc::new(Runtime::new().unwrap());
    let errors = Rc::new(RefCell::new(Vec::new()));
    let tries = || {
        let (rt, errors) = (rt.clone(), errors.clone());
        move || errors.borrow_mut().push(rt.close().unwrap_err().to_string())
    };
    let (in_callback, in_timer, in_task, in_main) = (tries(), tries(), tries(), tries());
    rt.call_soon(in_callback);
    rt.call_later(Duration::ZERO, in_timer);
    let task = rt.spawn(async move { in_task() });
    rt.block_on(async {
        in_main();
        task.await.unwrap();
        while errors.borrow().len() < 4 {
            runtime::task::yield_now().await;
        }
    });
    let in_turn = tries();
    rt.call_soon(in_turn);
    rt.turn(Some(Duration::ZERO)).unwrap();
    let in_drop = OnDrop(tries());
    let task = rt.spawn(async move {
        let _in_drop = in_drop;
        pending::<()>().await;
    });
    task.abort();
    rt.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(errors.borrow().len(), 6);
    for error in errors.borrow().iter() {
        assert!(error.contains("while it is running"), "{error}");
    }
    assert!(!rt.is_closed());
    rt.close().unwrap();
}

#[test]
fn shutting_down_a_running_loop_panics_and_leaves_it_running() {
    let rt = Rc::new(Runtime::new().unwrap());
    let inside = rt.clone();
    let messages = rt.block_on(async move {
        let grace = ShutdownOptions::new().task_grace(Duration::from_millis(1));
        [
            panic_message(|| inside.shutdown(Duration::ZERO)),
            panic_message(|| inside.shutdown(grace)),
        ]
    });
    for message in messages {
        assert!(message.contains("while it is running"), "{message}");
    }
    assert!(!rt.is_closed());
    assert_eq!(rt.block_on(async { 1 }), 1);
}

#[test]
fn one_loop_may_close_another() {
    let (outer, inner) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let drops = DropLog::new();
    let witness = drops.local_witness();
    inner.call_soon(move || drop(witness));
    outer.block_on(async {
        inner.close().unwrap();
        drops.assert_dropped_here(1);
        // The outer one is the current one again.
        assert_eq!(runtime::spawn(async { 3 }).await.unwrap(), 3);
    });
}

#[test]
fn a_drop_during_the_end_may_close_stop_and_ask() {
    let rt = Rc::new(Runtime::new().unwrap());
    let seen = Rc::new(Cell::new(None));
    let (inside, noted) = (Rc::downgrade(&rt), seen.clone());
    let acts = OnDrop(move || {
        let rt = inside.upgrade().expect("it is closed, not dropped");
        rt.stop();
        noted.set(Some((rt.close().is_ok(), rt.is_running())));
    });
    rt.call_soon(move || drop(acts));
    rt.close().unwrap();
    assert_eq!(seen.get(), Some((true, false)));
    assert!(rt.is_closed());
}

#[test]
fn a_loop_in_an_rc_may_be_let_go_of_by_its_own_callback() {
    let drops = DropLog::new();
    let rt = Rc::new(Runtime::new().unwrap());
    let inside = rt.clone();
    let witness = drops.local_witness();
    rt.call_later(Duration::from_secs(3600), move || drop(witness));
    rt.call_soon(move || {
        inside.stop();
        drop(inside);
    });
    rt.run_forever().unwrap();
    assert_eq!(Rc::strong_count(&rt), 1);
    drop(rt);
    drops.assert_dropped_here(1);
}
