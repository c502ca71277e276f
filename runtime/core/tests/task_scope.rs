//! The children of a scope borrow from their parent, are polled by it, and end with it.

mod support;

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;

use futures::FutureExt;
use futures::channel::oneshot;
use runtime::task::{Scope, id, scope, yield_now};
use support::{CountingWaker, DropLog, OnDrop, panic_message, poll_with};

#[test]
fn children_borrow_and_are_awaited() {
    runtime::run(async {
        let words = ["one".to_owned(), "two".to_owned(), "three".to_owned()];
        let seen = RefCell::new(Vec::new());
        let result = scope(async |scope| {
            for (turns, word) in words.iter().enumerate() {
                let seen = &seen;
                drop(scope.spawn(async move {
                    for _ in 0..3 - turns {
                        yield_now().await;
                    }
                    seen.borrow_mut().push(&word[..]);
                }));
            }
            assert!(seen.borrow().is_empty(), "nothing is polled before the body waits");
            words.len()
        });
        assert_eq!(result.await, 3);
        assert_eq!(*seen.borrow(), ["three", "two", "one"]);
    });
}

#[test]
fn outputs_are_joined_in_any_order() {
    runtime::run(async {
        let sum = scope(async |scope| {
            let first = scope.spawn(async {
                yield_now().await;
                1
            });
            let second = scope.spawn(async { 2 });
            let (second, first) = (second.await, first.await);
            assert_eq!((first, second), (1, 2));
            first + second
        });
        assert_eq!(sum.await, 3);
    });
}

#[test]
fn children_start_children() {
    fn grow<'env>(
        scope: Scope<'env>,
        count: &'env Cell<u32>,
        depth: u32,
    ) -> futures::future::LocalBoxFuture<'env, ()> {
        Box::pin(async move {
            count.set(count.get() + 1);
            if depth > 0 {
                for _ in 0..2 {
                    drop(scope.spawn(grow(scope.clone(), count, depth - 1)));
                }
            }
        })
    }
    runtime::run(async {
        let count = Cell::new(0);
        scope(async |scope| {
            drop(scope.spawn(grow(scope.clone(), &count, 9)));
        })
        .await;
        assert_eq!(count.get(), 1023);
    });
}

#[test]
fn children_are_part_of_the_parents_task() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let parent = id();
            scope(async |scope| scope.spawn(async move { id() == parent }).await).await
        });
        assert!(task.await.unwrap());
    });
}

#[test]
fn a_scope_that_is_dropped_drops_its_children_at_once() {
    runtime::run(async {
        let log = DropLog::new();
        {
            let mut scope = pin!(scope(async |scope| {
                for _ in 0..2 {
                    drop(scope.spawn(async {
                        let _witness = log.local_witness();
                        pending::<()>().await;
                    }));
                }
                yield_now().await;
                // This one is never polled, and holds the scope that holds it.
                let (witness, handle) = (log.local_witness(), scope.clone());
                drop(scope.spawn(async move {
                    let _both = (witness, handle);
                    pending::<()>().await;
                }));
                pending::<()>().await;
            }));
            assert!(scope.as_mut().now_or_never().is_none());
        }
        assert!(log.count() >= 2);
        let mut polled = Box::pin(scope(async |scope| {
            let (witness, handle) = (log.local_witness(), scope.clone());
            drop(scope.spawn(async move {
                let _both = (witness, handle);
                pending::<()>().await;
            }));
            pending::<()>().await;
        }));
        let before = log.count();
        assert!(polled.as_mut().now_or_never().is_none());
        drop(polled);
        assert_eq!(log.count(), before + 1);
    });
}

#[test]
fn a_scope_that_is_forgotten_is_never_heard_of_again() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let (wake, woken) = oneshot::channel::<()>();
        {
            let local = polls.clone();
            let mut scope = Box::pin(scope(async |scope| {
                let local = local.clone();
                drop(scope.spawn(async move {
                    local.set(local.get() + 1);
                    woken.await.ok();
                    local.set(local.get() + 1);
                }));
                pending::<()>().await;
            }));
            assert!(scope.as_mut().now_or_never().is_none());
            std::mem::forget(scope);
        }
        assert_eq!(polls.get(), 1);
        wake.send(()).unwrap();
        yield_now().await;
        assert_eq!(polls.get(), 1);
    });
}

#[test]
fn a_panic_of_a_child_is_one_of_the_parent() {
    runtime::run(async {
        let log = DropLog::new();
        let message = panic_message(|| {
            scope(async |scope| {
                drop(scope.spawn(async {
                    let _witness = log.local_witness();
                    pending::<()>().await;
                }));
                drop(scope.spawn(async { panic!("deliberate") }));
                pending::<()>().await;
            })
            .now_or_never()
        });
        assert_eq!(message, "deliberate");
        log.assert_dropped_here(1);
    });
}

#[test]
fn a_child_that_is_started_from_elsewhere_wakes_the_scope() {
    let handle: Rc<RefCell<Option<Scope<'static>>>> = Rc::default();
    let kept = handle.clone();
    let mut future = Box::pin(scope(async move |scope| {
        *kept.borrow_mut() = Some(scope);
        pending::<()>().await;
    }));
    let counting = CountingWaker::new();
    assert!(poll_with(&mut future, &counting.waker()).is_pending());
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let scope = handle.borrow().clone().unwrap();
    drop(scope.spawn(async move { flag.set(true) }));
    assert_eq!(counting.wakes(), 1);
    assert!(poll_with(&mut future, &counting.waker()).is_pending());
    assert!(done.get());
    drop(future);
    // Nobody is left to poll it.
    let dropped = Rc::new(Cell::new(false));
    let flag = dropped.clone();
    let on_drop = OnDrop(move || flag.set(true));
    let join = scope.spawn(async move {
        let _on_drop = on_drop;
        pending::<()>().await;
    });
    assert!(dropped.get());
    let message = panic_message(|| join.now_or_never());
    assert!(message.contains("its scope has ended"), "{message}");
}
