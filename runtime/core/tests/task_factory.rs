//! A task factory sees every spawn, and may wrap what is polled.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use runtime::Runtime;
use runtime::task::{self, NewTask, TaskFuture, yield_now};
use support::{DropLog, OnDrop, panic_message};

mod support;

/// Counts what comes to it, and changes nothing.
fn counting(spawned: &Rc<Cell<u32>>) -> impl Fn(&NewTask<'_>, TaskFuture) -> TaskFuture + 'static {
    let spawned = spawned.clone();
    move |_, future| {
        spawned.set(spawned.get() + 1);
        future
    }
}

fn with_factory(factory: impl Fn(&NewTask<'_>, TaskFuture) -> TaskFuture + 'static) -> Runtime {
    Runtime::builder().task_factory(factory).build().unwrap()
}

#[test]
fn a_factory_sees_every_way_to_spawn() {
    let spawned = Rc::new(Cell::new(0));
    let rt = with_factory(counting(&spawned));
    let count = |expected| assert_eq!(spawned.take(), expected);
    let task = rt.spawn(async { 1 });
    count(1);
    assert_eq!(rt.block_on(task).unwrap(), 1);
    count(0);
    rt.block_on(async {
        assert_eq!(runtime::spawn(async { 2 }).await.unwrap(), 2);
        assert_eq!(task::Builder::new().spawn(async { 3 }).await.unwrap(), 3);
        assert_eq!(rt.handle().spawn(async { 4 }).await.unwrap(), 4);
        count(3);
        assert_eq!(runtime::spawn_blocking(|| 5).await.unwrap(), 5);
        spawned.take();
        let handle = rt.handle().clone();
        let abroad = std::thread::spawn(move || handle.spawn(async { 6 })).join().unwrap();
        assert_eq!(abroad.await.unwrap(), 6);
        count(1);
    });
}

#[test]
fn a_factory_is_told_name_and_place() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let rt = with_factory({
        let seen = seen.clone();
        move |task, future| {
            let location = task.location();
            seen.borrow_mut().push((task.name().map(str::to_owned), location.line()));
            assert_eq!(location.file(), file!());
            future
        }
    });
    let handle = rt.handle().clone();
    let line = line!();
    let plain = rt.spawn(async {});
    let named = std::thread::spawn(move || {
        let builder = task::Builder::new().name("abroad");
        builder.spawn_on(async {}, &handle)
    });
    let named = named.join().unwrap();
    assert_eq!((plain.location().line(), named.name()), (line + 1, Some("abroad")));
    rt.block_on(async { (plain.await.unwrap(), named.await.unwrap()) });
    let expected = [(None, line + 1), (Some("abroad".to_owned()), line + 4)];
    assert_eq!(*seen.borrow(), expected);
}

#[test]
fn what_the_factory_returns_is_polled_instead() {
    let polls = Rc::new(Cell::new(0));
    let rt = with_factory({
        let polls = polls.clone();
        move |_, mut future| {
            let polls = polls.clone();
            Box::pin(poll_fn(move |context| {
                polls.set(polls.get() + 1);
                future.as_mut().poll(context)
            }))
        }
    });
    let task = rt.spawn(async {
        for _ in 0..4 {
            yield_now().await;
        }
        "output"
    });
    assert_eq!(rt.block_on(task).unwrap(), "output");
    assert_eq!(polls.get(), 5);
}

#[test]
fn a_factory_may_delay_a_task() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let rt = with_factory(|task, future| {
        let waits = task.name() == Some("late");
        Box::pin(async move {
            if waits {
                for _ in 0..3 {
                    yield_now().await;
                }
            }
            future.await;
        })
    });
    let note = |name: &'static str| {
        let log = log.clone();
        let _guard = rt.enter();
        task::Builder::new().name(name).spawn(async move { log.borrow_mut().push(name) })
    };
    let (late, soon) = (note("late"), note("soon"));
    rt.block_on(async { (late.await.unwrap(), soon.await.unwrap()) });
    assert_eq!(*log.borrow(), ["soon", "late"]);
}

#[test]
fn a_factory_may_refuse_a_task() {
    let log = DropLog::new();
    let rt = with_factory(|task, future| match task.name() {
        Some("unwanted") => Box::pin(async {}),
        _ => future,
    });
    rt.block_on(async {
        let witness = log.local_witness();
        let future = async move {
            drop(witness);
        };
        let refused = task::Builder::new().name("unwanted").spawn(future);
        log.assert_dropped_here(1);
        let error = refused.await.unwrap_err();
        assert!(error.is_cancelled() && !error.is_panic());
        assert_eq!(runtime::spawn(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn a_wrapper_that_ends_early_cancels_the_task() {
    let rt = with_factory(|_, mut future| {
        let mut polls = 0;
        Box::pin(poll_fn(move |context| {
            polls += 1;
            if polls > 2 { Poll::Ready(()) } else { future.as_mut().poll(context) }
        }))
    });
    let quick = rt.spawn(yield_now());
    let slow = rt.spawn(async {
        yield_now().await;
        yield_now().await;
    });
    rt.block_on(async {
        quick.await.unwrap();
        assert!(slow.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn an_abort_drops_the_future_inside_its_wrapper() {
    let spawned = Rc::new(Cell::new(0));
    let rt = with_factory(counting(&spawned));
    let log = DropLog::new();
    let witness = log.local_witness();
    rt.block_on(async {
        let task = runtime::spawn(async move {
            let _witness = witness;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    log.assert_dropped_here(1);
    assert_eq!(spawned.get(), 1);
}

#[test]
fn a_panic_goes_through_the_wrapper_to_the_join() {
    let rt = with_factory(|_, future| Box::pin(future));
    let error = rt.block_on(rt.spawn(async { panic!("inside") })).unwrap_err();
    assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "inside");
}

#[test]
fn a_wrapper_knows_the_task_that_it_wraps() {
    let ids = Rc::new(RefCell::new(Vec::new()));
    let rt = with_factory({
        let ids = ids.clone();
        move |_, future| {
            let ids = ids.clone();
            Box::pin(async move {
                ids.borrow_mut().push(task::id());
                future.await;
                ids.borrow_mut().push(task::id());
            })
        }
    });
    let task = rt.spawn(async { task::id() });
    let id = task.id();
    assert_eq!(rt.block_on(task).unwrap(), id);
    assert_eq!(ids.take(), [id, id]);

    let handle = rt.handle().clone();
    let abroad = std::thread::spawn(move || handle.spawn(async { task::id() })).join().unwrap();
    let id = abroad.id();
    assert_eq!(rt.block_on(abroad).unwrap(), id);
    assert_eq!(ids.take(), [id, id]);
}

#[test]
fn a_task_of_another_thread_is_one_task() {
    let spawned = Rc::new(Cell::new(0));
    let rt = with_factory(counting(&spawned));
    let handle = rt.handle().clone();
    let log = DropLog::new();
    let witness = log.witness();
    let abroad = std::thread::spawn(move || {
        let aborted_early = handle.spawn(async move { drop(witness) });
        aborted_early.abort();
        let ends = handle.spawn_local(|| {
            let local = Rc::new(1);
            async move {
                yield_now().await;
                *local
            }
        });
        (aborted_early, ends, handle.spawn(pending::<()>()))
    });
    let (aborted_early, ends, stays) = abroad.join().unwrap();
    rt.block_on(async {
        assert!(aborted_early.await.unwrap_err().is_cancelled());
        assert_eq!(ends.await.unwrap(), 1);
        yield_now().await;
    });
    let report = rt.shutdown(std::time::Duration::ZERO);
    assert_eq!(report.tasks().len(), 1);
    assert!(stays.is_finished());
    log.assert_dropped_here(1);
    assert_eq!(spawned.get(), 2, "the one aborted in time never came to the factory");
}

#[test]
fn a_factory_that_panics_panics_where_the_task_is_spawned() {
    let rt = with_factory(|task, future| {
        assert!(task.name().is_some(), "a task needs a name");
        future
    });
    rt.block_on(async {
        assert_eq!(panic_message(|| runtime::spawn(async {})), "a task needs a name");
        let named = task::Builder::new().name("named").spawn(async { 1 });
        assert_eq!(named.await.unwrap(), 1);
    });
}

#[test]
fn a_factory_that_panics_for_another_thread_harms_nobody_else() {
    let rt = with_factory(|task, future| {
        assert!(task.name().is_some(), "a task needs a name");
        future
    });
    let handle = rt.handle().clone();
    let (nameless, named) = std::thread::spawn(move || {
        let nameless = handle.spawn(async {});
        (nameless, task::Builder::new().name("named").spawn_on(async { 1 }, &handle))
    })
    .join()
    .unwrap();
    rt.block_on(async {
        assert!(nameless.await.is_err());
        assert_eq!(named.await.unwrap(), 1);
    });
}

#[test]
fn a_factory_may_spawn() {
    let rt = with_factory(|task, future| match task.name() {
        Some("helper") => future,
        _ => {
            let helper = task::Builder::new().name("helper").spawn(async { 1 });
            Box::pin(async move {
                assert_eq!(helper.await.unwrap(), 1);
                future.await;
            })
        }
    });
    rt.block_on(async { runtime::spawn(async {}).await.unwrap() });
}

#[test]
fn a_factory_can_be_set_and_taken_away_at_any_time() {
    let first = Rc::new(Cell::new(0));
    let second = Rc::new(Cell::new(0));
    let rt = Runtime::new().unwrap();
    assert!(rt.task_factory().is_none());
    rt.block_on(async {
        let spawn = || runtime::spawn(async {});
        spawn().await.unwrap();
        rt.set_task_factory(Some(Rc::new(counting(&first))));
        assert!(rt.task_factory().is_some());
        spawn().await.unwrap();
        let previous = rt.task_factory().unwrap();
        let second = second.clone();
        rt.set_task_factory(Some(Rc::new(move |task, future| {
            second.set(second.get() + 1);
            previous(task, future)
        })));
        spawn().await.unwrap();
        rt.set_task_factory(None);
        spawn().await.unwrap();
    });
    assert_eq!((first.get(), second.get(), rt.task_factory().is_some()), (2, 1, false));
}

#[test]
fn a_factory_may_change_the_factory_and_what_it_captures_may_spawn() {
    let rt = Rc::new(Runtime::new().unwrap());
    let spawned = Rc::new(Cell::new(0));
    rt.set_task_factory(Some(Rc::new({
        let inner = Rc::downgrade(&rt);
        let spawned = spawned.clone();
        let on_drop = RefCell::new(OnDrop({
            let inner = inner.clone();
            move || {
                if let Some(rt) = inner.upgrade() {
                    drop(rt.spawn(async {}));
                }
            }
        }));
        move |_, future| {
            let _captured = &on_drop;
            inner.upgrade().unwrap().set_task_factory(Some(Rc::new(counting(&spawned))));
            future
        }
    })));
    rt.block_on(rt.spawn(async {})).unwrap();
    assert_eq!(spawned.get(), 1, "the capture spawned when its factory was gone");
}

#[test]
fn tasks_of_a_factory_are_dropped_when_the_loop_closes() {
    let rt = with_factory(|_, future| Box::pin(future));
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move {
        let _witness = witness;
        pending::<()>().await;
    });
    rt.block_on(yield_now());
    drop(rt);
    log.assert_dropped_here(1);
    assert!(task.is_finished());
}

/// Lets so many tasks run at a time: what the factory of a program may do.
mod limited {
    use super::*;

    #[derive(Default)]
    struct Running {
        now: Cell<usize>,
        most: Cell<usize>,
        waiting: RefCell<Vec<std::task::Waker>>,
    }

    fn limit(
        running: &Rc<Running>,
        most: usize,
    ) -> impl Fn(&NewTask<'_>, TaskFuture) -> TaskFuture + 'static {
        let running = running.clone();
        move |_, future| {
            let running = running.clone();
            Box::pin(async move {
                poll_fn(|context| {
                    if running.now.get() < most {
                        return Poll::Ready(());
                    }
                    running.waiting.borrow_mut().push(context.waker().clone());
                    Poll::Pending
                })
                .await;
                running.now.set(running.now.get() + 1);
                running.most.set(running.most.get().max(running.now.get()));
                let _leave = OnDrop(|| {
                    running.now.set(running.now.get() - 1);
                    let waiting = running.waiting.take();
                    waiting.into_iter().for_each(std::task::Waker::wake);
                });
                future.await;
            })
        }
    }

    #[test]
    fn a_factory_limits_how_many_tasks_run_at_a_time() {
        let running = Rc::new(Running::default());
        let rt = with_factory(limit(&running, 10));
        let tasks: Vec<_> = (0..100)
            .map(|number| {
                rt.spawn(async move {
                    for _ in 0..number % 7 {
                        yield_now().await;
                    }
                    number
                })
            })
            .collect();
        // One that is aborted while it waits, and one that is aborted while it runs, give way to others.
        tasks[50].abort();
        rt.block_on(async {
            yield_now().await;
            tasks[6].abort();
            for (number, task) in tasks.into_iter().enumerate() {
                match task.await {
                    Ok(output) => assert_eq!(output, number),
                    Err(error) => assert!(error.is_cancelled() && [6, 50].contains(&number)),
                }
            }
        });
        assert_eq!((running.now.get(), running.most.get()), (0, 10));
    }
}
