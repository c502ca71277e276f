//! What is counted while a loop is inspected, and that nothing is counted otherwise.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
use runtime_core::inspect::{Metrics, TaskInfo};
use runtime_core::task::{Id, spawn_eager, yield_now};
use runtime_core::time::sleep;
use runtime_core::{Builder, Handle, Runtime, run, spawn, spawn_blocking};

fn inspected() -> Runtime {
    Builder::new().inspect(true).build().unwrap()
}

fn info(id: Id) -> TaskInfo {
    let tasks = Handle::current().tasks().unwrap();
    tasks.into_iter().find(|task| task.id == id).expect("the task has not finished")
}

fn metrics() -> Metrics {
    Handle::current().metrics().unwrap()
}

/// Keeps the loop that long.
fn block(duration: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < duration {
        thread::sleep(duration - begin.elapsed().min(duration));
    }
}

#[test]
fn nothing_is_counted_unless_it_is_asked_for() {
    run(async {
        let task = spawn(pending::<()>());
        yield_now().await;
        let metrics = metrics();
        assert!(!metrics.is_inspected());
        let mut counted = metrics.clone();
        counted.live_tasks = 0;
        assert_eq!(counted, Metrics::default());
        assert_eq!(metrics.busy_ratio(), None);
        let task = info(task.id());
        assert_eq!((task.polls, task.busy), (None, None));
    });
}

#[test]
fn what_is_free_is_always_told() {
    run(async {
        assert_eq!((metrics().live_tasks, metrics().queue_depth), (0, 0));
        let tasks: Vec<_> = (0..5).map(|_| spawn(sleep(Duration::from_secs(3600)))).collect();
        assert_eq!((metrics().live_tasks, metrics().queue_depth), (5, 5));
        assert_eq!(metrics().armed_timers, 0);
        yield_now().await;
        assert_eq!((metrics().live_tasks, metrics().queue_depth), (5, 0));
        assert_eq!(metrics().armed_timers, 5);
        let (release, released) = mpsc::channel::<()>();
        let job = spawn_blocking(move || released.recv().is_ok());
        yield_now().await;
        assert_eq!((metrics().live_tasks, metrics().blocking_jobs), (6, 1));
        release.send(()).unwrap();
        job.await.unwrap();
        tasks.iter().for_each(|task| task.abort());
        yield_now().await;
        assert_eq!((metrics().live_tasks, metrics().armed_timers), (0, 0));
        assert_eq!(metrics().blocking_jobs, 0);
    });
}

#[test]
fn polls_are_counted_of_each_task_and_of_the_loop() {
    inspected().block_on(async {
        let task = spawn(async {
            for _ in 0..9 {
                yield_now().await;
            }
            pending::<()>().await;
        });
        for _ in 0..20 {
            yield_now().await;
        }
        assert_eq!(info(task.id()).polls, Some(10));
        let main = Handle::current().snapshot(Duration::ZERO).unwrap().main.unwrap();
        // The one that asks has not ended.
        assert_eq!(main.polls, Some(20));
        assert_eq!(metrics().polls, Some(30));
        assert_eq!(metrics().poll_durations.unwrap().count(), 30);
    });
}

#[test]
fn every_run_of_a_main_future_counts_all_of_its_polls() {
    let rt = inspected();
    let polls = |rt: &Runtime| rt.block_on(async { metrics().polls.unwrap() });
    assert_eq!(polls(&rt), 0);
    assert_eq!(polls(&rt), 1);
    rt.run_until(std::pin::pin!(yield_now())).unwrap();
    assert_eq!(polls(&rt), 4);
    rt.call_soon(|| Handle::current().stop().unwrap());
    rt.run_forever().unwrap();
    assert_eq!(polls(&rt), 6);
}

#[test]
fn time_in_polls_is_that_of_the_task() {
    const NAP: Duration = Duration::from_millis(3);
    inspected().block_on(async {
        let task = spawn(async {
            block(NAP);
            pending::<()>().await;
        });
        yield_now().await;
        yield_now().await;
        assert!(info(task.id()).busy.unwrap() >= NAP);
        assert!(metrics().busy.unwrap() >= NAP);
        assert!(metrics().poll_durations.unwrap().max() >= NAP);
    });
}

#[test]
fn a_task_that_was_woken_waits_for_those_before_it() {
    const NAP: Duration = Duration::from_millis(3);
    inspected().block_on(async {
        let (waiting, wakes) = oneshot::channel::<()>();
        let task = spawn(async move {
            let _ = wakes.await;
            pending::<()>().await;
        });
        yield_now().await;
        // Both the wake and the long poll are here.
        waiting.send(()).unwrap();
        block(NAP);
        yield_now().await;
        assert_eq!(info(task.id()).polls, Some(2));
        assert!(metrics().scheduling_delays.unwrap().max() >= NAP);
    });
}

#[test]
fn spawns_and_ends_are_counted() {
    inspected().block_on(async {
        let quick: Vec<_> = (0..3).map(|_| spawn(async {})).collect();
        let slow = spawn(pending::<()>());
        for task in quick {
            task.await.unwrap();
        }
        assert_eq!((metrics().spawned, metrics().completed), (Some(4), Some(3)));
        slow.abort();
        assert!(slow.await.unwrap_err().is_cancelled());
        assert_eq!((metrics().spawned, metrics().completed), (Some(4), Some(4)));
    });
}

#[test]
fn wakes_are_told_apart_by_the_thread_that_they_come_from() {
    inspected().block_on(async {
        let before = metrics();
        let (sender, receiver) = oneshot::channel::<()>();
        let task = spawn(async { receiver.await.unwrap() });
        yield_now().await;
        thread::spawn(move || sender.send(()).unwrap()).join().unwrap();
        task.await.unwrap();
        let after = metrics();
        assert_eq!(after.remote_wakes.unwrap() - before.remote_wakes.unwrap(), 1);
        // The main future: by itself, and by the end of the task.
        assert_eq!(after.local_wakes.unwrap() - before.local_wakes.unwrap(), 2);
    });
}

#[test]
fn waking_twice_is_one_wake() {
    inspected().block_on(async {
        let before = metrics().local_wakes.unwrap();
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            context.waker().wake_by_ref();
            context.waker().wake_by_ref();
            let waker = context.waker().clone();
            waker.wake();
            if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        assert_eq!(metrics().local_wakes.unwrap() - before, 3);
    });
}

#[test]
fn a_loop_that_waits_is_not_busy() {
    let (sender, parks) = mpsc::channel::<()>();
    let parking = Cell::new(Some(sender));
    let rt =
        Builder::new().inspect(true).on_thread_park(move || drop(parking.take())).build().unwrap();
    rt.block_on(async {
        // It lasts until the loop is about to wait.
        spawn_blocking(move || parks.recv().is_err()).await.unwrap();
        let metrics = metrics();
        assert!(metrics.parks.unwrap() >= 1);
        assert!(metrics.spins.unwrap() <= metrics.parks.unwrap());
        assert!(metrics.parked.unwrap() > Duration::ZERO);
        assert!(metrics.busy_ratio().unwrap() < 1.0);
        assert!(metrics.inspected_for.unwrap() >= metrics.parked.unwrap());
    });
}

#[test]
fn time_in_which_nobody_runs_the_loop_is_idle() {
    const NAP: Duration = Duration::from_millis(3);
    let rt = inspected();
    block(NAP);
    let first = rt.block_on(async { metrics() });
    assert!(first.idle.unwrap() >= NAP, "before the first run");
    block(NAP);
    let second = rt.block_on(async { metrics() });
    assert!(second.idle.unwrap() - first.idle.unwrap() >= NAP, "between two runs");
    block(NAP);
    let entered = rt.enter();
    let third = metrics();
    drop(entered);
    assert!(third.idle.unwrap() - second.idle.unwrap() >= NAP, "right now");
    for metrics in [first, second, third] {
        let (all, idle) = (metrics.inspected_for.unwrap(), metrics.idle.unwrap());
        assert!(all >= idle + metrics.parked.unwrap() + metrics.busy.unwrap());
        let most = 1.0 - idle.as_secs_f64() / all.as_secs_f64();
        assert!(metrics.busy_ratio().unwrap() <= most + 1e-9);
    }
}

#[test]
fn time_between_two_turns_is_idle() {
    const NAP: Duration = Duration::from_millis(3);
    let rt = inspected();
    let _task = rt.spawn(pending::<()>());
    for _ in 0..3 {
        rt.turn(Some(Duration::ZERO)).unwrap();
        // The wait of whoever drives the loop.
        block(NAP);
    }
    let _entered = rt.enter();
    assert!(metrics().idle.unwrap() >= NAP * 3);
}

#[test]
fn a_loop_that_is_inspected_from_the_midst_of_its_run_has_not_been_idle() {
    run(async {
        Handle::current().set_inspect(true).unwrap();
        block(Duration::from_millis(3));
        assert_eq!(metrics().idle, Some(Duration::ZERO));
        assert_eq!(metrics().busy_ratio(), Some(1.0));
    });
}

#[test]
fn timers_that_fire_are_counted() {
    inspected().block_on(async {
        sleep(Duration::from_millis(1)).await;
        assert_eq!(metrics().timers_fired, Some(1));
        runtime_core::time::timeout(Duration::from_secs(3600), yield_now()).await.unwrap();
        assert_eq!(metrics().timers_fired, Some(1));
    });
}

#[test]
fn inspection_begins_at_zero_and_covers_what_is_there_already() {
    run(async {
        let task = spawn(async {
            loop {
                yield_now().await;
            }
        });
        yield_now().await;
        let handle = Handle::current();
        for _ in 0..2 {
            handle.set_inspect(true).unwrap();
            assert_eq!(info(task.id()).polls, Some(0));
            assert_eq!(metrics().polls, Some(0));
            for _ in 0..5 {
                yield_now().await;
            }
            assert!((4..=5).contains(&info(task.id()).polls.unwrap()));
            handle.set_inspect(false).unwrap();
            assert_eq!(info(task.id()).polls, None);
            assert_eq!(metrics().polls, None);
            yield_now().await;
        }
        assert!(!handle.is_closed());
    });
}

#[test]
fn a_first_poll_in_which_inspection_ends_is_not_counted_by_the_next_one() {
    let rt = inspected();
    rt.block_on(async {
        let handle = Handle::current();
        handle.set_inspect(false).unwrap();
        yield_now().await;
        handle.set_inspect(true).unwrap();
        yield_now().await;
        assert_eq!(metrics().polls, Some(0), "the one that asks has not ended");
        yield_now().await;
        assert_eq!(metrics().polls, Some(1));
    });
}

#[test]
fn another_thread_turns_it_on() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    thread::spawn(move || handle.set_inspect(true)).join().unwrap().unwrap();
    assert!(!rt.is_inspected());
    rt.block_on(yield_now());
    assert!(rt.is_inspected());
    let handle = rt.handle().clone();
    drop(rt);
    assert!(handle.set_inspect(true).is_err());
}

#[test]
fn a_loop_is_inspected_as_long_as_the_program_or_anybody_wants_it() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let first = handle.observe().unwrap();
    let second = thread::spawn(move || handle.observe().unwrap()).join().unwrap();
    rt.block_on(async {
        for _ in 0..5 {
            yield_now().await;
        }
        let polls = metrics().polls.unwrap();
        assert!(polls >= 4);
        // The program's own wish comes and goes without a word to those who look.
        let handle = Handle::current();
        handle.set_inspect(true).unwrap();
        drop(first);
        handle.set_inspect(false).unwrap();
        assert_eq!(metrics().polls, Some(polls), "counted on, and not from zero");
        handle.set_inspect(true).unwrap();
        thread::spawn(move || drop(second)).join().unwrap();
        yield_now().await;
        yield_now().await;
        assert!(metrics().is_inspected(), "the program wants it");
        handle.set_inspect(false).unwrap();
        assert!(!metrics().is_inspected());
    });
    assert!(!rt.is_inspected());
}

#[test]
fn observers_of_a_closed_loop_are_refused_and_may_go() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let observation = handle.observe().unwrap();
    assert_eq!(observation.handle().is_closed(), handle.is_closed());
    drop(rt);
    assert!(handle.observe().is_err());
    drop(observation);
}

#[test]
fn tasks_of_other_threads_are_counted_from_their_arrival() {
    let rt = inspected();
    let handle = rt.handle().clone();
    let task = thread::spawn(move || handle.spawn(async { yield_now().await })).join().unwrap();
    rt.block_on(async {
        task.await.unwrap();
        assert_eq!((metrics().spawned, metrics().completed), (Some(1), Some(1)));
    });
}

#[test]
fn a_factory_does_not_make_a_task_count_twice() {
    let rt = Runtime::builder()
        .inspect(true)
        .task_factory(|_, future| Box::pin(future))
        .build()
        .unwrap();
    rt.block_on(async {
        spawn(async { yield_now().await }).await.unwrap();
        assert_eq!((metrics().spawned, metrics().completed), (Some(1), Some(1)));
    });
}

#[test]
fn an_eager_task_is_counted_and_its_first_poll_is_part_of_its_parents_time() {
    const LONG: Duration = Duration::from_millis(5);
    let rt = inspected();
    rt.block_on(async {
        let start = Instant::now();
        yield_now().await;
        let before = metrics();
        let task = spawn_eager(async { thread::sleep(LONG) });
        yield_now().await;
        let after = metrics();
        assert_eq!(after.completed.unwrap() - before.completed.unwrap(), 1);
        assert_eq!(
            after.polls.unwrap() - before.polls.unwrap(),
            2,
            "the task's and that of the main future"
        );
        let busy = after.busy.unwrap() - before.busy.unwrap();
        assert!(busy >= LONG && busy <= start.elapsed(), "{busy:?}");
        task.await.unwrap();
    });
}
