//! A scope gives a future a context of its own within its task.

use std::cell::RefCell;
use std::rc::Rc;

use runtime::context::{Context, Scope};
use runtime::task::yield_now;
use support::{DropLog, OnDrop, Witness, panic_message};

mod support;

runtime::context_var! {
    static NUMBER: u32 = 0;
    static OTHER: u32 = 0;
    static WITNESS: Option<Witness> = None;
}

#[test]
fn two_scopes_in_one_task_take_turns_without_mixing() {
    runtime::run(async {
        let inner = |number| {
            NUMBER.scope(number, async move {
                for step in 0..5 {
                    assert_eq!(NUMBER.get(), number + step);
                    NUMBER.set(number + step + 1);
                    yield_now().await;
                }
                NUMBER.get()
            })
        };
        NUMBER.set(1);
        let outside = async {
            for _ in 0..5 {
                assert_eq!(NUMBER.get(), 1);
                yield_now().await;
            }
        };
        let (ten, twenty, ()) = futures::join!(inner(10), inner(20), outside);
        assert_eq!((ten, twenty, NUMBER.get()), (15, 25, 1));
    });
}

#[test]
fn a_scope_begins_with_the_context_of_its_first_poll() {
    runtime::run(async {
        let scope = NUMBER.scope(1, async {
            let first = OTHER.get();
            yield_now().await;
            (first, OTHER.get(), NUMBER.get())
        });
        OTHER.set(2);
        let (seen, ()) = futures::join!(scope, async { drop(OTHER.set(3)) });
        assert_eq!((seen, OTHER.get()), ((2, 2, 1), 3));
    });
}

#[test]
fn a_context_is_the_scope_of_a_future() {
    runtime::run(async {
        NUMBER.set(1);
        let context = Context::current().with_value(&OTHER, 5);
        NUMBER.set(2);
        let scope = context.clone().scope(async {
            let token = OTHER.set(6);
            yield_now().await;
            let seen = (NUMBER.get(), OTHER.get());
            OTHER.reset(token);
            (seen, OTHER.get())
        });
        assert_eq!(scope.await, ((1, 6), 5));
        assert_eq!((NUMBER.get(), OTHER.get(), context.get(&OTHER)), (2, 0, Some(&5)));
    });
}

#[test]
fn scopes_nest() {
    runtime::run(async {
        let seen = NUMBER.scope(1, async {
            OTHER.set(1);
            let inner = NUMBER.scope(2, async {
                yield_now().await;
                OTHER.set(2);
                (NUMBER.get(), OTHER.get())
            });
            (inner.await, NUMBER.get(), OTHER.get())
        });
        assert_eq!((seen.await, NUMBER.get()), (((2, 2), 1, 1), 0));
    });
}

#[test]
fn a_token_of_a_scope_is_refused_outside() {
    runtime::run(async {
        let token = NUMBER.scope(1, async { NUMBER.set(2) }).await;
        let message = panic_message(|| NUMBER.reset(token));
        assert!(message.starts_with("the token was made in another context"), "{message}");
        let token = NUMBER.set(3);
        let refused = NUMBER.scope(1, async move { panic_message(|| NUMBER.reset(token)) });
        assert!(refused.await.starts_with("the token was made in another context"));
        assert_eq!(NUMBER.get(), 3);
    });
}

#[test]
fn a_scoped_future_is_dropped_in_its_context() {
    runtime::run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let future = |number| {
            let seen = seen.clone();
            let on_drop = OnDrop(move || seen.borrow_mut().push(NUMBER.get()));
            async move {
                let _on_drop = on_drop;
                NUMBER.set(number);
                yield_now().await;
            }
        };
        drop(NUMBER.scope(1, future(2)));
        assert_eq!(*seen.borrow(), [1], "never polled");
        let mut polled = Box::pin(NUMBER.scope(1, future(2)));
        assert!(futures::poll!(&mut polled).is_pending());
        drop(polled);
        assert_eq!(*seen.borrow(), [1, 2]);
        NUMBER.scope(1, future(3)).await;
        assert_eq!((&*seen.borrow(), NUMBER.get()), (&vec![1, 2, 3], 0));
    });
}

#[test]
fn a_scope_that_has_ended_keeps_no_values() {
    runtime::run(async {
        let log = DropLog::new();
        let mut scope = Box::pin(WITNESS.scope(Some(log.witness()), async {}));
        assert!(futures::poll!(&mut scope).is_ready());
        log.assert_dropped_here(1);
        let message = panic_message(|| futures::FutureExt::now_or_never(scope));
        assert_eq!(message, "`Scope` polled after it has returned");
    });
}

#[test]
fn a_panic_in_a_scope_restores_the_context() {
    runtime::run(async {
        let task = runtime::spawn(async {
            NUMBER.set(1);
            let scope = NUMBER.scope(2, async {
                yield_now().await;
                NUMBER.set(3);
                panic!("out")
            });
            let caught = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(scope));
            let caught: Result<(), _> = caught.await;
            assert!(caught.is_err());
            NUMBER.get()
        });
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn a_scope_works_under_any_executor_and_moves_between_threads() {
    fn is_send<F: Send>(scope: Scope<F>) -> Scope<F> {
        scope
    }

    let scope = is_send(NUMBER.scope(1, async {
        let token = NUMBER.set(2);
        yield_now().await;
        let seen = NUMBER.get();
        NUMBER.reset(token);
        (seen, NUMBER.get())
    }));
    let mut scope = Box::pin(scope);
    let mut task = tokio_test::task::spawn(&mut scope);
    assert!(task.poll().is_pending());
    assert!(task.is_woken());
    drop(task);
    assert_eq!(NUMBER.get(), 0);
    let abroad = std::thread::spawn(move || tokio_test::task::spawn(scope).poll());
    assert_eq!(abroad.join().unwrap(), std::task::Poll::Ready((2, 1)));
}
