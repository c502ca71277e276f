//! Values of context variables are dropped with the last task that has them, and their drops find theirs.

use std::cell::RefCell;
use std::rc::Rc;

use runtime::Runtime;
use runtime::task::yield_now;
use support::{DropLog, OnDrop, Witness};

mod support;

runtime::context_var! {
    static NUMBER: u32 = 0;
    static WITNESS: Option<Witness> = None;
}

#[test]
fn a_task_is_dropped_with_its_context() {
    let rt = Runtime::new().unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let spawn = |number| {
        let seen = seen.clone();
        rt.spawn(async move {
            NUMBER.set(number);
            let _on_drop = OnDrop(|| {
                seen.borrow_mut().push(NUMBER.get());
                // Nobody sees this any more.
                NUMBER.set(100);
            });
            std::future::pending::<()>().await;
        })
    };
    let (aborted, _closed) = (spawn(1), spawn(2));
    rt.block_on(async {
        yield_now().await;
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_cancelled());
        assert_eq!(NUMBER.get(), 0);
    });
    drop(rt);
    assert_eq!((&*seen.borrow(), NUMBER.get()), (&vec![1, 2], 0));
}

#[test]
fn values_go_when_the_last_task_does_that_has_them() {
    let log = DropLog::new();
    runtime::run(async {
        let (setter, keeper) = {
            let log = log.clone();
            let (sender, receiver) = futures::channel::oneshot::channel();
            let setter = runtime::spawn(async move {
                drop(WITNESS.set(Some(log.witness())));
                let keeper = runtime::spawn(async {
                    receiver.await.unwrap();
                    WITNESS.with(Option::is_some)
                });
                (keeper, sender)
            });
            setter.await.unwrap()
        };
        assert_eq!(log.count(), 0, "the child still has it");
        keeper.send(()).unwrap();
        assert!(setter.await.unwrap());
        yield_now().await;
        log.assert_dropped_here(1);
    });
}

#[test]
fn values_of_a_loop_that_is_closed_are_dropped() {
    let log = DropLog::new();
    let rt = Runtime::new().unwrap();
    let witness = log.witness();
    let task = rt.spawn(async move {
        drop(WITNESS.set(Some(witness)));
        std::future::pending::<()>().await;
    });
    rt.block_on(yield_now());
    assert_eq!(log.count(), 0);
    drop(rt);
    drop(task);
    log.assert_dropped_here(1);
}

#[test]
fn a_value_whose_drop_sets_variables_goes_with_its_task() {
    thread_local! {
        static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    }

    struct Meddler;

    impl Drop for Meddler {
        fn drop(&mut self) {
            let seen = NUMBER.get();
            NUMBER.set(seen + 1);
            SEEN.with_borrow_mut(|all| all.extend([seen, NUMBER.get()]));
        }
    }

    runtime::context_var! {
        static MEDDLER: Option<Meddler> = None;
    }

    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        let replaces = runtime::spawn(async {
            NUMBER.set(10);
            drop(MEDDLER.set(Some(Meddler)));
            yield_now().await;
            drop(MEDDLER.set(None));
            NUMBER.get()
        });
        // A drop in the midst of a task is the task's doing.
        assert_eq!(replaces.await.unwrap(), 11);
        assert_eq!(SEEN.take(), [10, 11]);
        let ends = runtime::spawn(async { drop(MEDDLER.set(Some(Meddler))) });
        ends.await.unwrap();
        yield_now().await;
        assert_eq!(SEEN.take().len(), 2, "the value is gone with the task");
    });
    assert_eq!(NUMBER.get(), 0);
}

#[test]
fn a_value_that_panics_in_its_drop_harms_no_other_task() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("a bomb"));
        }
    }

    runtime::context_var! {
        static BOMB: Option<Bomb> = None;
    }

    let rt = Runtime::new().unwrap();
    let left = rt.block_on(async {
        drop(runtime::spawn(async { drop(BOMB.set(Some(Bomb))) }));
        let other = runtime::spawn(async {
            NUMBER.set(1);
            for _ in 0..5 {
                yield_now().await;
            }
            NUMBER.get()
        });
        assert_eq!(other.await.unwrap(), 1);
        runtime::spawn(async {
            drop(BOMB.set(Some(Bomb)));
            std::future::pending::<()>().await;
        })
    });
    rt.block_on(yield_now());
    drop(rt);
    assert!(left.is_finished());
    assert_eq!(NUMBER.get(), 0);
}
