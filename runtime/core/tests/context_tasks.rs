//! Each task has a context of its own, which begins as that of whoever spawned it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use runtime::Runtime;
use runtime::context::Context;
use runtime::task::{self, yield_now};
use support::{Witness, panic_message};

mod support;

runtime::context_var! {
    static NUMBER: u32 = 0;
    static WITNESS: Option<Witness> = None;
}

#[test]
fn a_task_begins_with_the_context_of_the_moment_of_spawning() {
    runtime::run(async {
        NUMBER.set(1);
        let first = runtime::spawn(async { NUMBER.get() });
        NUMBER.set(2);
        let second = runtime::spawn(async { NUMBER.get() });
        NUMBER.set(3);
        assert_eq!((first.await.unwrap(), second.await.unwrap(), NUMBER.get()), (1, 2, 3));
    });
}

#[test]
fn grandchildren_inherit() {
    runtime::run(async {
        let child = runtime::spawn(async {
            NUMBER.set(1);
            let grandchild = runtime::spawn(async {
                yield_now().await;
                runtime::spawn(async { NUMBER.get() }).await.unwrap()
            });
            yield_now().await;
            NUMBER.set(2);
            grandchild.await.unwrap()
        });
        assert_eq!((child.await.unwrap(), NUMBER.get()), (1, 0));
    });
}

#[test]
fn what_a_task_sets_it_finds_after_its_awaits() {
    runtime::run(async {
        let tasks: Vec<_> = (1..=10)
            .map(|number| {
                runtime::spawn(async move {
                    for step in 0..number {
                        NUMBER.set(100 * number + step);
                        yield_now().await;
                        assert_eq!(NUMBER.get(), 100 * number + step);
                        runtime::time::sleep(Duration::from_micros(1)).await;
                        assert_eq!(NUMBER.get(), 100 * number + step);
                    }
                    NUMBER.get()
                })
            })
            .collect();
        for (task, number) in tasks.into_iter().zip(1..) {
            assert_eq!(task.await.unwrap(), 100 * number + number - 1);
            assert_eq!(NUMBER.get(), 0);
        }
    });
}

#[test]
fn the_first_set_does_not_leak_into_what_is_queued_behind_it() {
    runtime::run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let note = |who: &'static str| {
            let seen = seen.clone();
            runtime::spawn(async move {
                seen.borrow_mut().push((who, NUMBER.get()));
                yield_now().await;
                seen.borrow_mut().push((who, NUMBER.get()));
            })
        };
        let before = note("before");
        let setter = runtime::spawn(async {
            NUMBER.set(1);
            yield_now().await;
            NUMBER.get()
        });
        let (after, last) = (note("after"), note("last"));
        before.await.unwrap();
        after.await.unwrap();
        last.await.unwrap();
        assert_eq!(setter.await.unwrap(), 1);
        let expected = ["before", "after", "last", "before", "after", "last"].map(|who| (who, 0));
        assert_eq!(*seen.borrow(), expected);
        assert_eq!(NUMBER.get(), 0);
    });
}

#[test]
fn the_first_set_of_the_main_future_is_its_own() {
    let rt = Runtime::new().unwrap();
    let early = rt.spawn(async { NUMBER.get() });
    rt.block_on(async {
        let queued = runtime::spawn(async {
            let first = NUMBER.get();
            yield_now().await;
            (first, NUMBER.get())
        });
        yield_now().await;
        NUMBER.set(1);
        yield_now().await;
        assert_eq!(NUMBER.get(), 1);
        assert_eq!((queued.await.unwrap(), early.await.unwrap()), ((0, 0), 0));
        assert_eq!(NUMBER.get(), 1);
    });
    assert_eq!(NUMBER.get(), 0);
    rt.block_on(async { assert_eq!(NUMBER.get(), 0) });
}

#[test]
fn a_set_in_the_first_poll_of_the_main_future_is_its_own() {
    let rt = Runtime::new().unwrap();
    rt.block_on(async { drop(NUMBER.set(1)) });
    assert_eq!(NUMBER.get(), 0);
    let queued = rt.spawn(async { NUMBER.get() });
    rt.block_on(async {
        NUMBER.set(1);
        let _ = queued.await.map(|seen| assert_eq!(seen, 0));
        assert_eq!(NUMBER.get(), 1);
    });
    assert_eq!(NUMBER.get(), 0);
}

#[test]
fn the_main_future_begins_with_the_context_of_the_thread() {
    let rt = Runtime::new().unwrap();
    NUMBER.set(1);
    let before = rt.spawn(async {
        let number = NUMBER.get();
        NUMBER.set(number + 10);
        yield_now().await;
        NUMBER.get()
    });
    NUMBER.set(2);
    rt.block_on(async {
        assert_eq!(NUMBER.get(), 2);
        assert_eq!(runtime::spawn(async { NUMBER.get() }).await.unwrap(), 2);
        NUMBER.set(3);
        assert_eq!(before.await.unwrap(), 11);
        assert_eq!(NUMBER.get(), 3);
    });
    assert_eq!(NUMBER.get(), 2);
}

#[test]
fn a_main_future_that_panics_leaves_nothing_behind() {
    let rt = Runtime::new().unwrap();
    NUMBER.set(1);
    let message = panic_message(|| {
        rt.block_on(async {
            NUMBER.set(2);
            yield_now().await;
            panic!("out");
        })
    });
    assert_eq!((message.as_str(), NUMBER.get()), ("out", 1));
    rt.block_on(async { assert_eq!(NUMBER.get(), 1) });
}

#[test]
fn a_task_that_panics_leaves_nothing_behind() {
    runtime::run(async {
        let task = runtime::spawn(async {
            NUMBER.set(2);
            panic!("out");
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(NUMBER.get(), 0);
    });
}

#[test]
fn a_task_without_a_context_is_not_given_that_of_the_thread() {
    let rt = Runtime::new().unwrap();
    let early = rt.spawn(async { NUMBER.get() });
    NUMBER.set(1);
    assert_eq!(rt.block_on(early).unwrap(), 0);
    assert_eq!(NUMBER.get(), 1);
}

#[test]
fn what_is_spawned_inside_of_a_run_or_a_scope_inherits() {
    runtime::run(async {
        let spawn = || runtime::spawn(async { NUMBER.get() });
        let in_run = Context::new().with_value(&NUMBER, 1).run(spawn);
        let in_scope = NUMBER.scope(2, async { spawn() }).await;
        let in_sync_scope = NUMBER.sync_scope(3, spawn);
        let outside = spawn();
        let seen =
            [in_run, in_scope, in_sync_scope, outside].map(|task| async { task.await.unwrap() });
        assert_eq!(futures::future::join_all(seen).await, [1, 2, 3, 0]);
    });
}

#[test]
fn what_is_spawned_in_an_empty_context_has_an_empty_one() {
    runtime::run(async {
        NUMBER.set(1);
        let task = Context::new().run(|| runtime::spawn(async { NUMBER.get() }));
        assert_eq!(task.await.unwrap(), 0);
    });
}

#[test]
fn a_run_around_a_loop_is_the_context_of_the_main_future_only() {
    let rt = Runtime::new().unwrap();
    let early = rt.spawn(async { NUMBER.get() });
    let inside = Context::new().with_value(&NUMBER, 1).run(|| {
        let inside = rt.block_on(async {
            assert_eq!(NUMBER.get(), 1);
            let token = NUMBER.set(2);
            let child = runtime::spawn(async { NUMBER.get() });
            assert_eq!((child.await.unwrap(), early.await.unwrap()), (2, 0));
            NUMBER.reset(token);
            NUMBER.get()
        });
        drop(rt.block_on(async { NUMBER.set(3) }));
        (inside, NUMBER.get())
    });
    assert_eq!((inside, NUMBER.get()), ((1, 1), 0));
}

#[test]
fn a_loop_that_is_entered_gives_its_tasks_the_context() {
    let rt = Runtime::new().unwrap();
    let task = {
        let _entered = rt.enter();
        let token = NUMBER.set(1);
        let task = runtime::spawn(async { NUMBER.get() });
        NUMBER.reset(token);
        task
    };
    assert_eq!((rt.block_on(task).unwrap(), NUMBER.get()), (1, 0));
}

#[test]
fn two_loops_of_a_thread_do_not_mix_their_contexts() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let spawn = |rt: &Runtime, number| {
        rt.spawn(async move {
            NUMBER.set(number);
            for _ in 0..10 {
                yield_now().await;
                assert_eq!(NUMBER.get(), number);
            }
        })
    };
    let (first, second) = (spawn(&one, 1), spawn(&two, 2));
    one.block_on(async { yield_now().await });
    two.block_on(async { yield_now().await });
    assert_eq!(NUMBER.get(), 0);
    one.block_on(first).unwrap();
    two.block_on(second).unwrap();
    assert_eq!(NUMBER.get(), 0);
}

#[test]
fn a_token_works_after_awaits_and_in_its_own_task_only() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let token = NUMBER.set(1);
            yield_now().await;
            let refused = runtime::spawn(async {
                let token = NUMBER.set(2);
                Cell::new(Some(token))
            });
            let refused = refused.await.unwrap().take().unwrap();
            let message = panic_message(|| NUMBER.reset(refused));
            assert!(message.starts_with("the token was made in another context"), "{message}");
            NUMBER.reset(token);
            yield_now().await;
            NUMBER.get()
        });
        assert_eq!(task.await.unwrap(), 0);
    });
}

#[test]
fn a_send_task_carries_the_context_of_its_thread() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let abroad = std::thread::spawn(move || {
        NUMBER.set(7);
        handle.spawn(async {
            let before = NUMBER.get();
            NUMBER.set(before + 1);
            yield_now().await;
            (before, NUMBER.get())
        })
    });
    let task = abroad.join().unwrap();
    rt.block_on(async {
        let queued = runtime::spawn(async {
            yield_now().await;
            NUMBER.get()
        });
        assert_eq!(task.await.unwrap(), (7, 8));
        assert_eq!((queued.await.unwrap(), NUMBER.get()), (0, 0));
        NUMBER.set(1);
        let here = rt.handle().spawn(async { NUMBER.get() });
        assert_eq!(here.await.unwrap(), 1);
    });
}

#[test]
fn a_blocking_job_has_the_context_of_its_creator() {
    runtime::run(async {
        let job = || {
            let before = NUMBER.get();
            NUMBER.set(100);
            before
        };
        NUMBER.set(5);
        for _ in 0..3 {
            assert_eq!(runtime::spawn_blocking(job).await.unwrap(), 5);
        }
        let empty = Context::new().run(|| runtime::spawn_blocking(job));
        assert_eq!(empty.await.unwrap(), 0, "threads of the pool keep nothing");
        assert_eq!(NUMBER.get(), 5);
    });
}

#[test]
fn a_builder_may_give_another_context() {
    let rt = Runtime::new().unwrap();
    let context = Context::new().with_value(&NUMBER, 9);
    rt.block_on(async {
        NUMBER.set(1);
        let builder = task::Builder::new().name("named").context(context.clone());
        let task = builder.spawn(async {
            let before = NUMBER.get();
            NUMBER.set(10);
            before
        });
        assert_eq!(task.name(), Some("named"));
        assert_eq!((task.await.unwrap(), NUMBER.get()), (9, 1));
        let empty = task::Builder::new().context(Context::new()).spawn(async { NUMBER.get() });
        assert_eq!(empty.await.unwrap(), 0);
        let builder = task::Builder::new().context(context.clone());
        let remote = builder.spawn_on(async { NUMBER.get() }, rt.handle());
        assert_eq!(remote.await.unwrap(), 9);
        let builder = task::Builder::new().context(context.clone());
        assert_eq!(builder.spawn_blocking(|| NUMBER.get()).await.unwrap(), 9);
    });
    assert_eq!(context.get(&NUMBER), Some(&9));
}

#[test]
fn a_run_in_a_task_restores_on_panic() {
    runtime::run(async {
        let task = runtime::spawn(async {
            NUMBER.set(1);
            let caught = catch_unwind(AssertUnwindSafe(|| {
                Context::new().run(|| {
                    NUMBER.set(2);
                    panic!("out");
                })
            }));
            assert!(caught.is_err());
            let here = NUMBER.get();
            yield_now().await;
            (here, NUMBER.get())
        });
        assert_eq!(task.await.unwrap(), (1, 1));
    });
}
