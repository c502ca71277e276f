//! An aborted task is dropped at its next turn and says cancelled, unless it had completed.

mod support;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use runtime::Runtime;
use runtime::task::{AbortHandle, yield_now};
use support::{DropLog, OnDrop};

#[test]
fn a_task_aborted_before_its_first_poll_is_never_polled() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let task = runtime::spawn(async move {
            let _witness = witness;
            unreachable!("polled");
        });
        task.abort();
        assert_eq!(log.count(), 0, "dropped at its turn, not inside of `abort`");
        assert!(task.await.unwrap_err().is_cancelled());
        log.assert_dropped_here(1);
    });
}

#[test]
fn a_waiting_task_is_dropped_when_aborted() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let task = runtime::spawn(async move {
            let _witness = witness;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        log.assert_dropped_here(1);
    });
}

#[test]
fn aborting_twice_is_aborting_once() {
    runtime::run(async {
        let task = runtime::spawn(pending::<()>());
        let abort = task.abort_handle();
        task.abort();
        abort.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        abort.abort();
        assert!(abort.is_finished());
    });
}

#[test]
fn an_abort_after_completion_leaves_the_output() {
    runtime::run(async {
        let task = runtime::spawn(async { "output" });
        yield_now().await;
        assert!(task.is_finished());
        task.abort();
        yield_now().await;
        assert_eq!(task.await.unwrap(), "output");
    });
}

/// Spawns a task whose future can abort itself.
fn spawn_with_own_handle<F: Future + 'static>(
    future: impl FnOnce(Rc<RefCell<Option<AbortHandle>>>) -> F,
) -> runtime::task::JoinHandle<F::Output> {
    let own = Rc::new(RefCell::new(None));
    let task = runtime::spawn(future(own.clone()));
    *own.borrow_mut() = Some(task.abort_handle());
    task
}

#[test]
fn a_task_that_aborts_itself_is_dropped_when_it_next_waits() {
    runtime::run(async {
        let reached = Rc::new(Cell::new(0));
        let task = spawn_with_own_handle(|own| {
            let reached = reached.clone();
            async move {
                own.borrow().as_ref().unwrap().abort();
                reached.set(1);
                yield_now().await;
                reached.set(2);
            }
        });
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(reached.get(), 1);
    });
}

#[test]
fn a_task_that_aborts_itself_and_completes_has_its_output() {
    runtime::run(async {
        let task = spawn_with_own_handle(|own| async move {
            own.borrow().as_ref().unwrap().abort();
            "output"
        });
        assert_eq!(task.await.unwrap(), "output");
        yield_now().await;
    });
}

#[test]
fn a_task_that_aborts_itself_in_its_drop_is_dropped_once() {
    runtime::run(async {
        let drops = Rc::new(Cell::new(0));
        let task = spawn_with_own_handle(|own| {
            let drops = drops.clone();
            let on_drop = OnDrop(move || {
                drops.set(drops.get() + 1);
                own.borrow().as_ref().unwrap().abort();
            });
            async move {
                let _on_drop = on_drop;
                pending::<()>().await;
            }
        });
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        yield_now().await;
        assert_eq!(drops.get(), 1);
    });
}

#[test]
fn an_abort_handle_outlives_the_join_handle_and_the_loop() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let abort = rt.block_on(async {
        let witness = log.local_witness();
        let task = runtime::spawn(async move {
            let _witness = witness;
            pending::<()>().await;
        });
        let abort = task.abort_handle();
        drop(task);
        yield_now().await;
        assert!(!abort.is_finished());
        let copy = abort.clone();
        abort.abort();
        yield_now().await;
        assert!(copy.is_finished());
        log.assert_dropped_here(1);
        copy
    });
    drop(rt);
    abort.abort();
    assert!(abort.is_finished());
    assert_eq!(abort.clone().id(), abort.id());
}

#[test]
fn a_woken_and_aborted_task_is_not_polled() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let waker = Rc::new(RefCell::new(None));
        let task = runtime::spawn({
            let (polls, waker) = (polls.clone(), waker.clone());
            poll_fn(move |context| {
                polls.set(polls.get() + 1);
                *waker.borrow_mut() = Some(context.waker().clone());
                Poll::<()>::Pending
            })
        });
        yield_now().await;
        let waker = waker.borrow_mut().take().unwrap();
        waker.wake_by_ref();
        task.abort();
        waker.wake();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(polls.get(), 1);
    });
}

#[test]
fn dropping_an_abort_handle_does_nothing() {
    runtime::run(async {
        let task = runtime::spawn(async {
            yield_now().await;
            1
        });
        drop(task.abort_handle());
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn a_task_aborted_between_two_calls_of_block_on_is_dropped_by_the_next() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move {
        let _witness = witness;
        pending::<()>().await;
    });
    rt.block_on(yield_now());
    task.abort();
    assert_eq!(log.count(), 0);
    assert!(rt.block_on(task).unwrap_err().is_cancelled());
    log.assert_dropped_here(1);
}
