//! An eager task that cannot be polled where it is spawned begins in the queue.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;

use runtime::Runtime;
use runtime::task::{self, JoinHandle, spawn_eager, yield_now};
use support::OnDrop;

mod support;

/// Starts a task, which starts a task, and so on; returns how many were started one within the other.
fn descend(depth: u32, deepest: Rc<Cell<u32>>) -> JoinHandle<()> {
    spawn_eager(async move {
        deepest.set(depth);
        if depth < 1000 {
            drop(descend(depth + 1, deepest));
        }
    })
}

#[test]
fn starts_that_nest_too_deep_go_to_the_queue() {
    runtime::run(async {
        let deepest = Rc::new(Cell::new(0));
        drop(descend(1, deepest.clone()));
        assert_eq!(deepest.get(), 32);
        yield_now().await;
        assert_eq!(deepest.get(), 65, "one that the loop polls, and 32 within it");
        drop(descend(1, deepest.clone()));
        assert_eq!(deepest.get(), 32);
        while deepest.get() < 1000 {
            yield_now().await;
        }
    });
}

#[test]
fn on_a_loop_that_does_not_run_it_waits_in_the_queue() {
    let rt = Runtime::new().unwrap();
    let polled = Rc::new(Cell::new(false));
    let task = {
        let _entered = rt.enter();
        let polled = polled.clone();
        spawn_eager(async move { polled.set(true) })
    };
    assert!(!polled.get());
    rt.block_on(task).unwrap();
    assert!(polled.get());
}

#[test]
fn a_loop_entered_in_a_task_of_another_does_not_start_any() {
    let other = Runtime::new().unwrap();
    let task = runtime::run(async {
        let _entered = other.enter();
        let task = spawn_eager(async { task::try_id().is_some() });
        assert!(!task.is_finished());
        task
    });
    assert!(other.block_on(task).unwrap());
}

#[test]
fn a_loop_starts_tasks_in_the_midst_of_anothers_turn() {
    let outer = Rc::new(Runtime::new().unwrap());
    let inner = Runtime::new().unwrap();
    let child = Rc::new(RefCell::new(None));
    {
        let (outer, child) = (outer.clone(), child.clone());
        inner.spawn(async move {
            let _entered = outer.enter();
            let task = spawn_eager(async { (task::id(), yield_now().await).0 });
            assert!(!task.is_finished());
            child.replace(Some(task));
        });
    }
    let parent = outer.spawn(async move {
        let before = task::id();
        inner.turn(Some(std::time::Duration::ZERO)).unwrap();
        assert_eq!(task::id(), before);
        let task = child.take().unwrap();
        let id = task.id();
        assert_eq!(task.await.unwrap(), id);
    });
    outer.block_on(parent).unwrap();
}

#[test]
fn on_a_loop_that_closes_it_is_dropped() {
    let rt = Runtime::new().unwrap();
    let refused = Rc::new(Cell::new(false));
    let polled = Rc::new(Cell::new(false));
    {
        let (refused, polled) = (refused.clone(), polled.clone());
        rt.spawn(async move {
            let _at_end = OnDrop(|| {
                let polled = polled.clone();
                let task = spawn_eager(async move { polled.set(true) });
                refused.set(task.is_finished());
            });
            pending::<()>().await;
        });
    }
    rt.block_on(yield_now());
    rt.close().unwrap();
    assert!(refused.get() && !polled.get());
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn outside_of_a_loop_it_is_an_error() {
    drop(spawn_eager(async {}));
}
