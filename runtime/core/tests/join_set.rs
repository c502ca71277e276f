//! A set of tasks gives each outcome once, as the tasks end, and lets no task outlive it unasked.

mod support;

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::thread;

use futures::channel::oneshot;
use futures::{FutureExt, Stream, StreamExt};
use runtime::task::{JoinSet, Priority, coop, yield_now};
use runtime::{Handle, Runtime};
use support::{CountingWaker, DropLog, poll_with};

#[test]
fn tasks_are_joined_in_the_order_in_which_they_end() {
    runtime::run(async {
        let mut set = JoinSet::new();
        for number in 0..10 {
            set.spawn(async move {
                for _ in 0..10 - number {
                    yield_now().await;
                }
                number
            });
        }
        assert_eq!(set.len(), 10);
        let mut order = Vec::new();
        while let Some(number) = set.join_next().await {
            order.push(number.unwrap());
        }
        assert_eq!(order, (0..10).rev().collect::<Vec<_>>());
        assert!(set.is_empty());
    });
}

#[test]
fn what_ends_before_the_set_looks_comes_in_the_order_of_ends_as_well() {
    runtime::run(async {
        for look in [false, true] {
            let mut set = JoinSet::new();
            for number in 0..10 {
                set.spawn(async move {
                    for _ in 0..10 - number {
                        yield_now().await;
                    }
                    number
                });
                // One that is looked at comes in no other order.
                assert!(!look || set.try_join_next().is_none());
            }
            for _ in 0..20 {
                yield_now().await;
            }
            let order: Vec<_> = std::iter::from_fn(|| set.try_join_next()).flatten().collect();
            assert_eq!(order, (0..10).rev().collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_task_that_has_ended_when_it_is_spawned_is_joined() {
    runtime::run(async {
        let mut set = JoinSet::new();
        set.spawn(async { 1 });
        set.build_task().eager(true).spawn(async { 2 });
        assert_eq!(set.join_next().await.unwrap().unwrap(), 2);
        assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
    });
}

#[test]
fn tasks_can_be_given_all_particulars() {
    runtime::run(async {
        let mut set = JoinSet::new();
        let here = std::panic::Location::caller();
        let order = Rc::new(Cell::new(0));
        let turn = |order: &Rc<Cell<u32>>| {
            let order = order.clone();
            async move { order.replace(order.get() + 1) }
        };
        let low = set.build_task().priority(Priority::Low).location(here).spawn(turn(&order));
        set.spawn(turn(&order));
        assert_eq!(low.location(), here);
        yield_now().await;
        yield_now().await;
        let (_, first) = set.join_next_with_id().await.unwrap().unwrap();
        let (last_id, last) = set.join_next_with_id().await.unwrap().unwrap();
        assert_eq!((first, last, last_id), (0, 1, low.id()));
    });
}

#[test]
fn an_empty_set_says_so_and_can_be_filled_again() {
    runtime::run(async {
        let mut set = JoinSet::new();
        assert!(set.join_next().await.is_none());
        assert!(set.try_join_next().is_none());
        for round in 0..3 {
            set.spawn(async move { round });
            assert_eq!(set.join_next().await.unwrap().unwrap(), round);
            assert!(set.join_next().await.is_none());
        }
    });
}

#[test]
fn futures_and_outputs_need_not_be_send() {
    runtime::run(async {
        let shared = Rc::new(Cell::new(0));
        let mut set = JoinSet::new();
        for _ in 0..3 {
            let shared = shared.clone();
            set.spawn(async move {
                shared.set(shared.get() + 1);
                shared
            });
        }
        while let Some(output) = set.join_next().await {
            assert!(Rc::ptr_eq(&output.unwrap(), &shared));
        }
        assert_eq!(shared.get(), 3);
    });
}

#[test]
fn a_dropped_join_loses_nothing() {
    runtime::run(async {
        let mut set = JoinSet::new();
        let (sender, receiver) = oneshot::channel();
        set.spawn(receiver);
        assert!(set.join_next().now_or_never().is_none());
        sender.send("output").unwrap();
        yield_now().await;
        // The task has ended and woken what is gone.
        assert_eq!(set.join_next().await.unwrap().unwrap(), Ok("output"));
    });
}

#[test]
fn the_last_waker_is_woken_once_for_any_number_of_ends() {
    runtime::run(async {
        let mut set: JoinSet<()> = (0..100).map(|_| yield_now()).collect();
        let first = CountingWaker::new();
        let last = CountingWaker::new();
        assert!(poll_with(&mut pin!(set.join_next()), &first.waker()).is_pending());
        assert!(poll_with(&mut pin!(set.join_next()), &last.waker()).is_pending());
        for _ in 0..3 {
            yield_now().await;
        }
        assert_eq!((first.wakes(), last.wakes()), (0, 1));
        for _ in 0..100 {
            assert!(set.try_join_next().is_some());
        }
        assert!(set.is_empty());
    });
}

#[test]
fn a_task_that_is_spawned_later_wakes_who_has_polled_before() {
    runtime::run(async {
        let mut set = JoinSet::new();
        set.spawn(pending::<u8>());
        let counting = CountingWaker::new();
        assert!(poll_with(&mut pin!(set.join_next()), &counting.waker()).is_pending());
        set.spawn(async { 1 });
        yield_now().await;
        assert_eq!(counting.wakes(), 1);
        assert_eq!(set.join_next().await.unwrap().unwrap(), 1);
    });
}

#[test]
fn aborts_and_panics_are_outcomes() {
    runtime::run(async {
        let mut set = JoinSet::new();
        let aborted = set.spawn(pending::<()>());
        let panicked = set.spawn(async { panic!("deliberate") });
        set.spawn(async {});
        aborted.abort();
        let mut outcomes = Vec::new();
        while let Some(outcome) = set.join_next_with_id().await {
            outcomes.push(outcome);
        }
        assert_eq!(outcomes.len(), 3);
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for error in outcomes.into_iter().filter_map(Result::err) {
            if error.is_cancelled() {
                assert_eq!(error.id(), aborted.id());
            } else {
                assert_eq!(error.id(), panicked.id());
                assert!(error.to_string().ends_with("\"deliberate\""), "{error}");
            }
        }
    });
}

#[test]
fn dropping_the_set_aborts_its_tasks() {
    runtime::run(async {
        let log = DropLog::new();
        let mut set = JoinSet::new();
        for _ in 0..3 {
            let witness = log.local_witness();
            set.spawn(async move {
                let _witness = witness;
                pending::<()>().await;
            });
        }
        yield_now().await;
        drop(set);
        assert_eq!(log.count(), 0, "they are dropped at their turns");
        yield_now().await;
        log.assert_dropped_here(3);
    });
}

#[test]
fn shutdown_waits_for_the_drops() {
    runtime::run(async {
        let log = DropLog::new();
        let mut set = JoinSet::new();
        for _ in 0..3 {
            let witness = log.local_witness();
            set.spawn(async move {
                let _witness = witness;
                pending::<()>().await;
            });
        }
        set.spawn(async { panic!("deliberate") });
        set.shutdown().await;
        log.assert_dropped_here(3);
        assert!(set.is_empty());
    });
}

#[test]
fn detached_tasks_run_on() {
    runtime::run(async {
        let done = Rc::new(Cell::new(false));
        let mut set = JoinSet::new();
        let flag = done.clone();
        set.spawn(async move {
            yield_now().await;
            flag.set(true);
        });
        set.detach_all();
        drop(set);
        for _ in 0..3 {
            yield_now().await;
        }
        assert!(done.get());
    });
}

#[test]
fn join_all_passes_a_panic_on_and_aborts_the_others() {
    runtime::run(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let mut set = JoinSet::new();
        set.spawn(async move {
            let _witness = witness;
            pending::<()>().await;
        });
        set.spawn(async { panic!("deliberate") });
        let error = runtime::spawn(set.join_all()).await.unwrap_err();
        assert!(error.to_string().ends_with("\"deliberate\""), "{error}");
        yield_now().await;
        log.assert_dropped_here(1);
    });
}

#[test]
fn the_set_is_a_stream_that_goes_on_after_its_end() {
    runtime::run(async {
        let mut set: JoinSet<u32> = (0..5).map(|number| async move { number }).collect();
        assert_eq!(set.size_hint(), (5, Some(5)));
        let mut outputs: Vec<_> = set.by_ref().map(Result::unwrap).collect().await;
        outputs.sort();
        assert_eq!(outputs, [0, 1, 2, 3, 4]);
        set.extend([async { 7 }]);
        futures::select! {
            output = set.select_next_some() => assert_eq!(output.unwrap(), 7),
            complete => unreachable!("there is a task"),
        }
    });
}

#[test]
fn joining_what_has_ended_gives_way_to_others() {
    runtime::run(async {
        let mut set: JoinSet<u32> = (0..1000).map(|number| async move { number }).collect();
        let passes = Rc::new(Cell::new(0));
        let counted = passes.clone();
        runtime::spawn(async move {
            loop {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
        });
        while passes.get() < 3 {
            yield_now().await;
        }
        let before = passes.get();
        while let Some(output) = set.join_next().await {
            output.unwrap();
        }
        assert!(passes.get() - before >= 7, "{} passes", passes.get() - before);
    });
}

#[test]
fn who_does_not_wait_needs_no_budget() {
    runtime::run(async {
        let mut set: JoinSet<u32> = (0..1000).map(|number| async move { number }).collect();
        yield_now().await;
        let mut count = 0;
        while let Some(output) = set.try_join_next() {
            output.unwrap();
            count += 1;
        }
        assert_eq!(count, 1000);
        // Joins say pending without a budget: looking again and again must come to an end.
        let task = async {
            set.spawn(async { 1 });
            yield_now().await;
            while coop::has_budget_remaining() {
                coop::consume_budget().now_or_never();
            }
            assert!(set.join_next().now_or_never().is_none());
            assert_eq!(set.try_join_next().unwrap().unwrap(), 1);
        };
        task.await;
    });
}

#[test]
fn a_set_may_have_tasks_in_several_loops() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let other = thread::spawn(move || {
        let rt = Runtime::new().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        sender.send((rt.handle().clone(), stop)).unwrap();
        rt.block_on(stopped).ok();
    });
    let (there, stop) = receiver.recv().unwrap();
    runtime::run(async {
        let mut set = JoinSet::new();
        for round in 0..100 {
            let handle = if round % 2 == 0 { there.clone() } else { Handle::current() };
            set.spawn_on(async { thread::current().id() }, &handle);
        }
        set.spawn_blocking(|| thread::current().id());
        let here = thread::current().id();
        let mut ends = (0, 0);
        while let Some(id) = set.join_next().await {
            *(if id.unwrap() == here { &mut ends.0 } else { &mut ends.1 }) += 1;
        }
        assert_eq!(ends, (50, 51));
    });
    drop(stop);
    other.join().unwrap();
}

#[test]
fn a_set_may_be_awaited_on_another_thread() {
    let rt = Runtime::new().unwrap();
    let mut set = JoinSet::new();
    for number in 0..100 {
        set.spawn_on(
            async move {
                yield_now().await;
                number
            },
            rt.handle(),
        );
    }
    let (done, finished) = oneshot::channel();
    let other = thread::spawn(move || {
        let sum: u32 = futures::executor::block_on(set.join_all()).into_iter().sum();
        done.send(()).unwrap();
        sum
    });
    rt.block_on(finished).unwrap();
    assert_eq!(other.join().unwrap(), 4950);
}

#[test]
fn the_tasks_of_a_closed_loop_are_cancelled() {
    let rt = Runtime::new().unwrap();
    let mut set = JoinSet::new();
    set.spawn_on(pending::<()>(), rt.handle());
    assert!(poll_with(&mut pin!(set.join_next()), &CountingWaker::new().waker()).is_pending());
    drop(rt);
    let error = futures::executor::block_on(set.join_next()).unwrap().unwrap_err();
    assert!(error.is_cancelled());
}

#[test]
fn a_task_that_a_factory_keeps_for_longer_is_waited_for() {
    let finish = Rc::new(Cell::new(false));
    let flag = finish.clone();
    let rt = Runtime::builder()
        .task_factory(move |task, future| {
            let (flag, named) = (flag.clone(), task.name().is_some());
            Box::pin(async move {
                future.await;
                while named && !flag.get() {
                    yield_now().await;
                }
            })
        })
        .build()
        .unwrap();
    rt.block_on(async {
        let mut set = JoinSet::new();
        set.build_task().name("kept").spawn(async { "output" });
        for _ in 0..5 {
            assert!(set.join_next().now_or_never().is_none());
            yield_now().await;
        }
        finish.set(true);
        assert_eq!(set.join_next().await.unwrap().unwrap(), "output");
    });
}

#[test]
fn ten_thousand_tasks_that_wait_for_one_another_are_all_joined() {
    const TASKS: usize = 10_000;
    runtime::run(async {
        let turn = Rc::new(Cell::new(TASKS));
        let mut set = JoinSet::new();
        // Each ends when all that were spawned after it have.
        let mut next = None;
        for number in 0..TASKS {
            let (sender, receiver) = oneshot::channel::<()>();
            let (turn, wake) = (turn.clone(), next.replace(sender));
            set.spawn(async move {
                if number + 1 < TASKS {
                    receiver.await.unwrap();
                }
                turn.set(turn.get() - 1);
                assert_eq!(turn.get(), number);
                if let Some(wake) = wake {
                    wake.send(()).unwrap();
                }
                number
            });
        }
        let _last = next;
        for expected in (0..TASKS).rev() {
            assert_eq!(set.join_next().await.unwrap().unwrap(), expected);
        }
    });
}

#[test]
fn outputs_that_nobody_joins_are_dropped_with_the_set() {
    let log = DropLog::new();
    runtime::run(async {
        let mut set = JoinSet::new();
        let witness = log.local_witness();
        set.spawn(async move { witness });
        yield_now().await;
        let once = poll_fn(|context| Poll::Ready(set.poll_join_next(context).is_ready())).await;
        assert!(once);
        log.assert_dropped_here(1);
        let witness = log.local_witness();
        set.spawn(async move { witness });
        yield_now().await;
        drop(set);
        log.assert_dropped_here(2);
    });
}
