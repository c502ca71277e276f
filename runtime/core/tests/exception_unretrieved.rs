//! The panic of a task whose outcome nobody takes is reported once, with the task's name and where it was
//! spawned; of one whose outcome somebody takes, never.

mod support;

use std::future::pending;
use std::rc::Rc;
use std::thread;

use runtime::Runtime;
use runtime::task::{JoinHandle, yield_now};
use support::OnDrop;
use support::heard::{Heard, listening};

/// Runs the loop for a few passes.
fn turn(rt: &Runtime) {
    rt.block_on(async {
        for _ in 0..4 {
            yield_now().await;
        }
    });
}

#[track_caller]
fn assert_heard_once(heard: &Heard, panic: &str) {
    assert_eq!(heard.panics(), [panic]);
}

fn spawn_failing(rt: &Runtime, text: &'static str) -> JoinHandle<()> {
    rt.spawn(async move { panic!("{text}") })
}

#[test]
fn a_handle_dropped_before_the_panic() {
    let (rt, heard) = listening();
    drop(spawn_failing(&rt, "early"));
    turn(&rt);
    assert_heard_once(&heard, "early");
    drop(rt);
    assert_heard_once(&heard, "early");
}

#[test]
fn a_handle_dropped_after_the_panic_without_being_awaited() {
    let (rt, heard) = listening();
    let task = spawn_failing(&rt, "late");
    turn(&rt);
    assert!(task.is_finished());
    assert_eq!(heard.panics().len(), 0, "somebody may still ask");
    drop(task);
    turn(&rt);
    assert_heard_once(&heard, "late");
}

#[test]
fn a_handle_dropped_inside_of_another_task() {
    let (rt, heard) = listening();
    let task = spawn_failing(&rt, "handed over");
    turn(&rt);
    rt.block_on(rt.spawn(async move { drop(task) })).unwrap();
    turn(&rt);
    assert_heard_once(&heard, "handed over");
}

#[test]
fn it_is_told_before_the_next_task_runs() {
    let (rt, heard) = listening();
    drop(spawn_failing(&rt, "first"));
    let seen = rt.spawn({
        let heard = heard.clone();
        async move { heard.panics() }
    });
    assert_eq!(rt.block_on(seen).unwrap(), ["first"]);
}

#[test]
fn name_and_spawn_location_are_told() {
    let (rt, heard) = listening();
    let line = rt.block_on(async {
        let builder = runtime::task::Builder::new().name("unlucky");
        #[rustfmt::skip]
        let (line, task) = (line!(), builder.spawn(async { panic!("of course") }));
        drop::<JoinHandle<()>>(task);
        line
    });
    turn(&rt);
    let report = &heard.reports()[0];
    assert_eq!(report.task.as_deref(), Some("unlucky"));
    assert_eq!((report.file, report.line), (file!(), line));
    assert_eq!(report.panic.as_deref(), Some("of course"));
}

#[test]
fn a_task_that_was_aborted_is_no_failure() {
    let (rt, heard) = listening();
    let task = rt.spawn(pending::<()>());
    turn(&rt);
    task.abort();
    drop(task);
    turn(&rt);
    assert_eq!(heard.reports(), []);
}

#[test]
fn an_aborted_task_that_panics_when_dropped_is_one() {
    let (rt, heard) = listening();
    let task = rt.spawn(async {
        let _bomb = OnDrop(|| panic!("while cleaning up"));
        pending::<()>().await;
    });
    turn(&rt);
    task.abort();
    drop(task);
    turn(&rt);
    assert_heard_once(&heard, "while cleaning up");
}

#[test]
fn a_task_detached_by_another_thread() {
    let (rt, heard) = listening();
    // Before the panic.
    let task = spawn_failing(&rt, "one");
    thread::spawn(move || drop(task)).join().unwrap();
    turn(&rt);
    assert_heard_once(&heard, "one");
    // After it.
    let task = spawn_failing(&rt, "two");
    turn(&rt);
    thread::spawn(move || drop(task)).join().unwrap();
    turn(&rt);
    assert_eq!(heard.panics(), ["one", "two"]);
    // After it, and nothing runs any more but close.
    let task = spawn_failing(&rt, "three");
    turn(&rt);
    thread::spawn(move || drop(task)).join().unwrap();
    drop(rt);
    assert_eq!(heard.panics(), ["one", "two", "three"]);
}

#[test]
fn a_task_spawned_by_another_thread() {
    let (rt, heard) = listening();
    let handle = rt.handle().clone();
    thread::spawn(move || drop(handle.spawn(async { panic!("from afar") }))).join().unwrap();
    turn(&rt);
    assert_heard_once(&heard, "from afar");
}

#[test]
fn a_handle_dropped_where_its_loop_is_not_current() {
    let (rt, heard) = listening();
    let task = spawn_failing(&rt, "at home");
    turn(&rt);
    drop(task);
    turn(&rt);
    assert_heard_once(&heard, "at home");
    let other = Runtime::new().unwrap();
    let task = spawn_failing(&rt, "at the neighbours'");
    turn(&rt);
    other.block_on(async { drop(task) });
    turn(&rt);
    assert_eq!(heard.panics(), ["at home", "at the neighbours'"]);
}

#[test]
fn a_task_that_panics_when_its_loop_closes() {
    let (rt, heard) = listening();
    drop(rt.spawn(async {
        let _bomb = OnDrop(|| panic!("at the end"));
        pending::<()>().await;
    }));
    turn(&rt);
    rt.close().unwrap();
    assert_heard_once(&heard, "at the end");
    drop(rt);
    assert_heard_once(&heard, "at the end");
}

#[test]
fn a_failure_that_nobody_has_heard_of_when_the_loop_closes() {
    let (rt, heard) = listening();
    let task = spawn_failing(&rt, "unheard");
    turn(&rt);
    let entered = rt.enter();
    drop(task);
    drop(entered);
    rt.close().unwrap();
    assert_heard_once(&heard, "unheard");
}

#[test]
fn a_blocking_job_that_panics() {
    let (rt, heard) = listening();
    let started = Rc::new(());
    let (running, is_running) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let job = rt.spawn_blocking(move || {
        running.send(()).unwrap();
        let _ = may_go_on.recv();
        panic!("on another thread")
    });
    rt.block_on(async {
        yield_now().await;
        is_running.recv().unwrap();
        drop::<JoinHandle<()>>(job);
        drop(go_on);
        while heard.panics().is_empty() {
            yield_now().await;
        }
    });
    drop(started);
    turn(&rt);
    assert_heard_once(&heard, "on another thread");
}

#[test]
fn an_outcome_that_is_taken_is_not_reported() {
    let (rt, heard) = listening();
    let task = spawn_failing(&rt, "taken");
    assert!(rt.block_on(task).unwrap_err().is_panic());
    // The error is dropped unread, but that is its owner's decision.
    let task = spawn_failing(&rt, "taken and dropped");
    drop(rt.block_on(task));
    // On another thread.
    let task = spawn_failing(&rt, "taken abroad");
    turn(&rt);
    let taken = thread::spawn(move || futures::executor::block_on(task).unwrap_err().is_panic());
    assert!(taken.join().unwrap());
    turn(&rt);
    drop(rt);
    assert_eq!(heard.reports(), []);
}

#[test]
fn an_output_that_is_dropped_is_not_reported() {
    let (rt, heard) = listening();
    drop(rt.spawn(async {
        Err::<(), &str>("nobody looks at it, as nobody looks at any other value")
    }));
    turn(&rt);
    drop(rt);
    assert_eq!(heard.reports(), []);
}

#[test]
fn many_failures_are_told_in_order() {
    let (rt, heard) = listening();
    for text in ["a", "b", "c", "d"] {
        drop(spawn_failing(&rt, text));
    }
    turn(&rt);
    assert_eq!(heard.panics(), ["a", "b", "c", "d"]);
}
