//! An eager task is polled for the first time where it is spawned.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::panic::Location;
use std::rc::Rc;
use std::task::Poll;

use runtime::callback::call_soon;
use runtime::context::Context;
use runtime::task::{self, JoinHandle, spawn_eager, yield_now};
use runtime::{Builder, Runtime};
use support::DropLog;

mod support;

runtime::context_var! {
    static NUMBER: u32 = 0;
}

type Log = Rc<RefCell<Vec<u32>>>;

#[test]
fn it_runs_up_to_its_first_wait_before_the_spawn_returns() {
    runtime::run(async {
        let log = Log::default();
        let task = spawn_eager({
            let log = log.clone();
            async move {
                log.borrow_mut().push(1);
                yield_now().await;
                log.borrow_mut().push(3);
            }
        });
        log.borrow_mut().push(2);
        assert!(!task.is_finished());
        task.await.unwrap();
        assert_eq!(*log.borrow(), [1, 2, 3]);
    });
}

#[test]
fn one_that_need_not_wait_has_finished_when_the_spawn_returns() {
    runtime::run(async {
        let task = spawn_eager(async { 6 * 7 });
        assert!(task.is_finished());
        assert_eq!(task.await.unwrap(), 42);
    });
}

#[test]
fn it_overtakes_what_is_ready() {
    runtime::run(async {
        let log = Log::default();
        let note = |n| {
            let log = log.clone();
            async move { log.borrow_mut().push(n) }
        };
        let queued = runtime::spawn(note(2));
        spawn_eager(note(1)).await.unwrap();
        queued.await.unwrap();
        assert_eq!(*log.borrow(), [1, 2]);
    });
}

#[test]
fn it_is_the_current_task_while_it_is_polled_and_its_parent_is_again_afterwards() {
    let rt = Runtime::new().unwrap();
    let parent = rt.spawn(async {
        let before = task::id();
        let child = spawn_eager(async {
            let first = task::id();
            yield_now().await;
            assert_eq!(task::id(), first);
            first
        });
        assert_eq!(task::id(), before);
        let id = child.id();
        assert_eq!(child.await.unwrap(), id);
        assert_ne!(id, before);
        before
    });
    let id = parent.id();
    assert_eq!(rt.block_on(parent).unwrap(), id);
}

#[test]
fn the_main_future_and_callbacks_start_tasks_too() {
    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        let task = spawn_eager(async { task::try_id().is_some() });
        assert!(task.is_finished() && task.await.unwrap());
        assert_eq!(task::try_id(), None);
        let (sender, receiver) = futures::channel::oneshot::channel();
        call_soon(move || {
            let task = spawn_eager(async { task::try_id().is_some() });
            assert!(task.is_finished() && task::try_id().is_none());
            sender.send(task).unwrap();
        });
        assert!(receiver.await.unwrap().await.unwrap());
    });
}

#[test]
fn a_panic_waits_in_the_join() {
    runtime::run(async {
        let task = spawn_eager(async { panic!("at once") });
        assert!(task.is_finished());
        let payload = task.await.unwrap_err().into_panic();
        assert_eq!(payload.downcast_ref(), Some(&"at once"));
        assert_eq!(task::try_id(), None);
    });
}

#[test]
fn a_panic_that_nobody_takes_is_reported() {
    let reported = Rc::new(Cell::new(0));
    let rt = Builder::new()
        .exception_handler({
            let reported = reported.clone();
            move |_| reported.set(reported.get() + 1)
        })
        .build()
        .unwrap();
    rt.block_on(async {
        drop(spawn_eager(async { panic!("at once") }));
        assert_eq!(reported.get(), 0, "nobody else is called within a poll");
        yield_now().await;
        assert_eq!(reported.get(), 1);
    });
}

#[test]
fn the_output_of_a_detached_one_is_dropped_here() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        drop(spawn_eager(ready(witness)));
        log.assert_dropped_here(1);
    });
}

#[test]
fn one_that_is_dropped_and_waits_runs_on() {
    runtime::run(async {
        let done = Rc::new(Cell::new(false));
        drop(spawn_eager({
            let done = done.clone();
            async move {
                yield_now().await;
                done.set(true);
            }
        }));
        yield_now().await;
        assert!(done.get());
    });
}

#[test]
fn one_that_waits_can_be_aborted() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let task = spawn_eager(async move {
            let _witness = witness;
            pending::<()>().await;
        });
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        log.assert_dropped_here(1);
    });
}

#[test]
fn one_that_wakes_itself_is_queued_once() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let task = spawn_eager(poll_fn({
            let polls = polls.clone();
            move |context| {
                polls.set(polls.get() + 1);
                context.waker().wake_by_ref();
                context.waker().wake_by_ref();
                if polls.get() < 3 { Poll::Pending } else { Poll::Ready(()) }
            }
        }));
        assert_eq!(polls.get(), 1);
        task.await.unwrap();
        yield_now().await;
        assert_eq!(polls.get(), 3);
    });
}

#[test]
fn one_that_finishes_after_it_has_woken_itself_is_not_polled_again() {
    runtime::run(async {
        let task = spawn_eager(poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Ready(5)
        }));
        assert!(task.is_finished());
        yield_now().await;
        assert_eq!(task.await.unwrap(), 5);
    });
}

#[test]
fn variables_that_it_sets_are_its_own() {
    runtime::run(async {
        NUMBER.set(1);
        let child = spawn_eager(async {
            assert_eq!(NUMBER.get(), 1);
            NUMBER.set(2);
            yield_now().await;
            NUMBER.get()
        });
        assert_eq!(NUMBER.get(), 1);
        NUMBER.set(3);
        assert_eq!((child.await.unwrap(), NUMBER.get()), (2, 3));
    });
}

#[test]
fn the_first_variable_of_a_loop_may_be_set_in_a_start() {
    let other = std::thread::spawn(|| {
        runtime::run(async {
            let child = spawn_eager(async {
                NUMBER.set(2);
                yield_now().await;
                NUMBER.get()
            });
            assert_eq!(NUMBER.get(), 0);
            let sibling = runtime::spawn(async { NUMBER.get() });
            (child.await.unwrap(), sibling.await.unwrap(), NUMBER.get())
        })
    });
    assert_eq!(other.join().unwrap(), (2, 0, 0));
}

#[test]
fn a_context_of_its_own_is_there_in_the_first_poll() {
    runtime::run(async {
        let builder = task::Builder::new().eager(true).name("named");
        let context = Context::new().with_value(&NUMBER, 7);
        let task = builder.context(context).spawn(async { NUMBER.get() });
        assert!(task.is_finished());
        assert_eq!((task.name(), NUMBER.get()), (Some("named"), 0));
        assert_eq!(task.await.unwrap(), 7);
    });
}

#[test]
fn it_lives_on_the_budget_of_whoever_starts_it() {
    runtime::run(async {
        let done = Rc::new(Cell::new(0));
        let spender = |operations: u32| {
            let done = done.clone();
            async move {
                for _ in 0..operations {
                    task::coop::consume_budget().await;
                    done.set(done.get() + 1);
                }
            }
        };
        yield_now().await;
        let tasks: Vec<JoinHandle<()>> = (0..10).map(|_| spawn_eager(spender(50))).collect();
        assert_eq!(done.get(), 128, "one budget");
        assert_eq!(tasks.iter().filter(|task| task.is_finished()).count(), 2);
        let mut yielded = false;
        let mut join = std::pin::pin!(task::coop::consume_budget());
        poll_fn(|context| {
            let polled = join.as_mut().poll(context);
            yielded |= polled.is_pending();
            polled
        })
        .await;
        assert!(yielded, "what the children have spent, the parent has spent");
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(done.get(), 500);
    });
}

#[test]
fn one_that_is_started_outside_of_the_budget_has_a_usual_one() {
    runtime::run(async {
        let done = Rc::new(Cell::new(0));
        let counted = done.clone();
        let task = task::coop::unconstrained(async {
            spawn_eager(async move {
                loop {
                    task::coop::consume_budget().await;
                    counted.set(counted.get() + 1);
                }
            })
        });
        let task: JoinHandle<()> = task.await;
        assert_eq!(done.get(), 128);
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_task_factory_sees_it_and_its_task_is_polled_at_once() {
    let seen = Rc::new(Cell::new(0));
    let rt = Builder::new()
        .task_factory({
            let seen = seen.clone();
            move |_, future| {
                seen.set(seen.get() + 1);
                future
            }
        })
        .build()
        .unwrap();
    rt.block_on(async {
        let task = spawn_eager(async { 1 });
        assert!(task.is_finished());
        assert_eq!((task.await.unwrap(), seen.get()), (1, 1));
        let task = spawn_eager(async {
            yield_now().await;
            2
        });
        assert_eq!((task.await.unwrap(), seen.get()), (2, 2));
    });
}

#[test]
fn debug_mode_starts_tasks_too() {
    let rt = Builder::new().debug(true).build().unwrap();
    rt.block_on(async {
        let task = spawn_eager(async { (task::try_id().is_some(), yield_now().await).0 });
        assert!(!task.is_finished());
        assert!(task.await.unwrap());
    });
}

#[test]
fn its_location_is_that_of_the_call_or_what_is_said() {
    runtime::run(async {
        let (task, line) = (spawn_eager(async {}), line!());
        assert_eq!((task.location().file(), task.location().line()), (file!(), line));
        let here = Location::caller();
        let builder = task::Builder::new().location(here);
        assert_eq!(builder.clone().spawn(async {}).location(), here);
        assert_eq!(builder.eager(true).spawn(async {}).location(), here);
    });
}

#[test]
fn a_parent_that_is_aborted_by_the_child_that_it_starts_is_polled_to_its_next_wait() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let handle: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
    let reached = Rc::new(Cell::new(false));
    let parent = rt.spawn({
        let (witness, handle, reached) = (log.local_witness(), handle.clone(), reached.clone());
        async move {
            let _witness = witness;
            // The last handle of the task that is being polled goes in a poll of another one.
            spawn_eager(async move {
                let own = handle.take().unwrap();
                own.abort();
                drop(own);
            })
            .await
            .unwrap();
            reached.set(true);
            assert!(task::try_id().is_some());
            yield_now().await;
            unreachable!("it is aborted");
        }
    });
    handle.replace(Some(parent));
    rt.block_on(async {
        for _ in 0..3 {
            yield_now().await;
        }
    });
    assert!(reached.get());
    log.assert_dropped_here(1);
}

#[test]
fn many_are_started_and_joined() {
    runtime::run(async {
        let tasks: Vec<_> = (0..1000_u32)
            .map(|n| {
                spawn_eager(async move {
                    for _ in 0..n % 4 {
                        yield_now().await;
                    }
                    n
                })
            })
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, 499_500);
    });
}
