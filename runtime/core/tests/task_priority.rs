//! More urgent tasks go first, in the order in which they became ready, and nobody starves.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use proptest::prelude::*;
use runtime::callback::call_soon;
use runtime::task::{self, JoinHandle, NewTask, Priority, yield_now};
use runtime::{Builder, Runtime};
use support::DropLog;

mod support;

use Priority::{High, Low, Normal};

type Log = Rc<RefCell<Vec<(Priority, usize)>>>;

/// Spawns a task that notes itself, and yields, so often.
fn noting(log: &Log, priority: Priority, n: usize, times: usize) -> JoinHandle<()> {
    let log = log.clone();
    task::Builder::new().priority(priority).spawn(async move {
        for time in 0..times {
            if time > 0 {
                yield_now().await;
            }
            log.borrow_mut().push((priority, n));
        }
    })
}

async fn all(tasks: impl IntoIterator<Item = JoinHandle<()>>) {
    for task in tasks {
        task.await.unwrap();
    }
}

#[test]
fn high_goes_before_normal_and_normal_before_low() {
    runtime::run(async {
        let log = Log::default();
        let order = [Low, Normal, High, Low, Normal, High];
        all(order
            .iter()
            .enumerate()
            .map(|(n, &priority)| noting(&log, priority, n, 1))
            .collect::<Vec<_>>())
        .await;
        let expected = [(High, 2), (High, 5), (Normal, 1), (Normal, 4), (Low, 0), (Low, 3)];
        assert_eq!(*log.borrow(), expected);
    });
}

#[test]
fn those_of_one_priority_run_first_in_first_out() {
    runtime::run(async {
        let log = Log::default();
        let tasks: Vec<_> =
            (0..300).map(|n| noting(&log, [High, Normal, Low][n * 7 % 3], n, 3)).collect();
        all(tasks).await;
        for priority in [High, Normal, Low] {
            let own: Vec<usize> = log
                .borrow()
                .iter()
                .filter(|entry| entry.0 == priority)
                .map(|entry| entry.1)
                .collect();
            let first: Vec<usize> =
                (0..300).filter(|n| [High, Normal, Low][n * 7 % 3] == priority).collect();
            assert_eq!(own, [first.clone(), first.clone(), first].concat(), "{priority:?}");
        }
    });
}

#[test]
fn one_that_becomes_ready_overtakes_less_urgent_ones_that_were_ready_before() {
    runtime::run(async {
        let log = Log::default();
        let normal: Vec<_> = (0..3).map(|n| noting(&log, Normal, n, 1)).collect();
        let low = noting(&log, Low, 0, 1);
        let spawned = Rc::new(RefCell::new(None));
        let spawner = task::Builder::new().priority(High).spawn({
            let (log, spawned) = (log.clone(), spawned.clone());
            async move {
                spawned.replace(Some(noting(&log, High, 9, 1)));
            }
        });
        spawner.await.unwrap();
        let high = spawned.take().unwrap();
        all(normal.into_iter().chain([low, high])).await;
        let expected = [(High, 9), (Normal, 0), (Normal, 1), (Normal, 2), (Low, 0)];
        assert_eq!(*log.borrow(), expected);
    });
}

/// What is polled while so many tasks of each priority are always ready.
fn contend(high: usize, normal: usize, low: usize, polls: usize) -> Vec<Priority> {
    let log: Log = Log::default();
    let rt = Runtime::new().unwrap();
    let _entered = rt.enter();
    for (priority, tasks) in [(High, high), (Normal, normal), (Low, low)] {
        for n in 0..tasks {
            let log = log.clone();
            drop(task::Builder::new().priority(priority).spawn(poll_fn(move |context| {
                context.waker().wake_by_ref();
                log.borrow_mut().push((priority, n));
                Poll::<()>::Pending
            })));
        }
    }
    drop(_entered);
    while log.borrow().len() < polls {
        rt.turn(Some(Duration::ZERO)).unwrap();
    }
    log.take().into_iter().map(|entry| entry.0).collect()
}

fn count(polls: &[Priority], priority: Priority) -> usize {
    polls.iter().filter(|&&other| other == priority).count()
}

#[test]
fn nobody_starves() {
    let polls = contend(3, 3, 3, 3200);
    let share = |priority| count(&polls[..3200], priority);
    assert_eq!((share(High), share(Normal), share(Low)), (2700, 400, 100));
}

#[test]
fn a_share_that_nobody_takes_goes_to_the_most_urgent() {
    let polls = contend(1, 0, 1, 320);
    assert_eq!((count(&polls[..320], High), count(&polls[..320], Low)), (310, 10));
    let polls = contend(0, 2, 1, 320);
    assert_eq!((count(&polls[..320], Normal), count(&polls[..320], Low)), (310, 10));
    assert_eq!(count(&contend(0, 0, 3, 320)[..320], Low), 320);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Of any 8 polls in a row one is a `Normal` task's, of any 32 one a `Low` task's, whatever else there is.
    #[test]
    fn the_quota_holds_in_every_window(high in 0_usize..40, normal in 1_usize..40, low in 1_usize..40) {
        let polls = contend(high, normal, low, 1000);
        prop_assert!(polls.windows(8).all(|window| count(window, Normal) >= 1));
        prop_assert!(polls.windows(32).all(|window| count(window, Low) >= 1));
        if high > 0 {
            prop_assert!(polls.windows(32).all(|window| count(window, High) >= 27));
        }
    }

    /// Whatever is spawned, wakes and ends in between: each task gets all of its turns, and those of one
    /// priority in order.
    #[test]
    fn no_turn_is_lost(tasks in prop::collection::vec((0_usize..3, 1_usize..6, any::<bool>()), 1..80)) {
        let log = Log::default();
        runtime::run(async {
            let mut joins = Vec::new();
            for (n, &(priority, times, yields)) in tasks.iter().enumerate() {
                joins.push(noting(&log, [High, Normal, Low][priority], n, times));
                if yields {
                    yield_now().await;
                }
            }
            all(joins).await;
        });
        for (n, &(priority, times, _)) in tasks.iter().enumerate() {
            let own = (&[High, Normal, Low][priority], n);
            prop_assert_eq!(log.borrow().iter().filter(|entry| (&entry.0, entry.1) == own).count(), times);
        }
    }
}

#[test]
fn timers_are_not_held_up() {
    let polls = Rc::new(Cell::new(0));
    runtime::run(async {
        let counted = polls.clone();
        let busy = task::Builder::new().priority(High).spawn(async move {
            loop {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
        });
        let low = task::Builder::new().priority(Low);
        low.spawn(runtime::time::sleep(Duration::from_millis(1))).await.unwrap();
        busy.abort();
        assert!(busy.await.unwrap_err().is_cancelled());
    });
    assert!(polls.get() > 0);
}

#[test]
fn other_threads_are_heard() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    rt.block_on(async {
        let busy = task::Builder::new().priority(High).spawn(async {
            loop {
                yield_now().await;
            }
        });
        let thread = std::thread::spawn(move || {
            let low = task::Builder::new().priority(Low).name("abroad");
            low.spawn_on(async { task::try_id().is_some() }, &handle)
        });
        while !thread.is_finished() {
            yield_now().await;
        }
        let task = thread.join().unwrap();
        assert_eq!(task.priority(), Low);
        assert!(task.await.unwrap());
        busy.abort();
    });
}

#[test]
fn a_spawn_from_another_thread_is_enough_to_have_priorities() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    let handle = rt.handle().clone();
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let tasks = std::thread::spawn({
        let order = order.clone();
        move || {
            [Low, High].map(|priority| {
                let order = order.clone();
                let builder = task::Builder::new().priority(priority);
                builder.spawn_on(async move { order.lock().unwrap().push(priority) }, &handle)
            })
        }
    });
    let tasks = tasks.join().unwrap();
    rt.block_on(all(tasks));
    assert_eq!(*order.lock().unwrap(), [High, Low]);
    assert!(log.borrow().is_empty());
}

#[test]
fn it_can_be_changed() {
    runtime::run(async {
        let log = Log::default();
        let first = noting(&log, Normal, 1, 2);
        let second = noting(&log, Normal, 2, 2);
        first.set_priority(Low);
        assert_eq!((first.priority(), second.priority()), (Low, Normal));
        all([first, second]).await;
        let order: Vec<usize> = log.borrow().iter().map(|entry| entry.1).collect();
        assert_eq!(order, [2, 2, 1, 1]);
    });
}

#[test]
fn another_thread_can_change_it() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(async {
        for _ in 0..10 {
            yield_now().await;
        }
    });
    let task = std::thread::spawn(move || {
        task.set_priority(High);
        task
    });
    let task = task.join().unwrap();
    rt.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(task.priority(), High);
    rt.block_on(task).unwrap();
}

#[test]
fn a_handle_of_a_closed_loop_can_be_told() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(pending::<()>());
    rt.close().unwrap();
    task.set_priority(High);
    assert_eq!(task.priority(), Normal);
    assert!(runtime::run(task).unwrap_err().is_cancelled());
}

#[test]
fn a_task_that_has_ended_can_be_told() {
    runtime::run(async {
        let task = runtime::spawn(async {});
        yield_now().await;
        task.set_priority(Low);
        assert!(task.is_finished());
        task.await.unwrap();
        // The cell is used again, with the usual priority.
        assert_eq!(runtime::spawn(async {}).priority(), Normal);
    });
}

#[test]
fn a_factory_decides() {
    let rt = Builder::new()
        .task_factory(|task: &NewTask<'_>, future| {
            assert_eq!(task.priority(), Normal);
            if task.name() == Some("late") {
                task.set_priority(Low);
            }
            future
        })
        .build()
        .unwrap();
    let log = Log::default();
    let handle = rt.handle().clone();
    rt.block_on(async {
        let note = |name, n| {
            let log = log.clone();
            task::Builder::new().name(name).spawn(async move {
                for _ in 0..3 {
                    log.borrow_mut().push((Normal, n));
                    yield_now().await;
                }
            })
        };
        let tasks = [note("late", 1), note("soon", 0)];
        assert_eq!((tasks[0].priority(), tasks[1].priority()), (Low, Normal));
        all(tasks).await;
        let abroad = std::thread::spawn(move || {
            task::Builder::new().name("late").spawn_on(yield_now(), &handle)
        });
        let abroad = abroad.join().unwrap();
        assert_eq!(abroad.priority(), Normal, "nobody has asked the factory");
        while !abroad.is_finished() {
            yield_now().await;
        }
        assert_eq!(abroad.priority(), Low);
        abroad.await.unwrap();
    });
    let order: Vec<usize> = log.borrow().iter().map(|entry| entry.1).collect();
    assert_eq!(order, [0, 0, 0, 1, 1, 1]);
}

#[test]
fn what_is_woken_through_a_factory_is_as_urgent_as_its_task() {
    let rt = Builder::new().task_factory(|_, future| future).build().unwrap();
    let log = Log::default();
    rt.block_on(async {
        let tasks = [noting(&log, Low, 0, 4), noting(&log, Normal, 1, 4), noting(&log, High, 2, 4)];
        all(tasks).await;
    });
    let order: Vec<usize> = log.borrow().iter().map(|entry| entry.1).collect();
    assert_eq!(order, [2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn an_eager_task_has_a_priority_as_well() {
    runtime::run(async {
        let log = Log::default();
        let inner = log.clone();
        let eager = task::Builder::new().eager(true).priority(Low).spawn(async move {
            inner.borrow_mut().push((Low, 0));
            yield_now().await;
            inner.borrow_mut().push((Low, 0));
        });
        let normal = noting(&log, Normal, 1, 1);
        all([eager, normal]).await;
        assert_eq!(*log.borrow(), [(Low, 0), (Normal, 1), (Low, 0)]);
    });
}

#[test]
fn the_main_future_and_callbacks_are_normal() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    rt.block_on(async {
        let low = noting(&log, Low, 0, 1);
        let called = log.clone();
        call_soon(move || called.borrow_mut().push((Normal, 1)));
        yield_now().await;
        log.borrow_mut().push((Normal, 2));
        low.await.unwrap();
    });
    assert_eq!(*log.borrow(), [(Normal, 1), (Normal, 2), (Low, 0)]);
}

#[test]
fn a_pass_with_priorities_ends() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    let _entered = rt.enter();
    let busy = noting(&log, High, 0, 1000);
    let waits = noting(&log, Low, 1, 1);
    drop(_entered);
    rt.stop();
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), [(High, 0), (High, 0)], "as many polls as there were ready tasks");
    assert!(!busy.is_finished() && !waits.is_finished());
    rt.block_on(all([busy, waits]));
}

#[test]
fn what_a_pass_leaves_is_dropped_by_close() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    {
        let _entered = rt.enter();
        for n in 0..30 {
            let witness = log.local_witness();
            let builder = task::Builder::new().priority([High, Normal, Low][n % 3]);
            drop(builder.spawn(async move {
                let _witness = witness;
                loop {
                    yield_now().await;
                }
            }));
        }
    }
    rt.turn(Some(Duration::ZERO)).unwrap();
    rt.close().unwrap();
    log.assert_dropped_here(30);
}

#[test]
fn a_panic_of_the_main_future_in_the_midst_of_a_pass_loses_nothing() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    let mut tasks = Vec::new();
    let message = support::panic_message(|| {
        rt.block_on(async {
            for n in 0..9 {
                tasks.push(noting(&log, [High, Normal, Low][n % 3], n, 2));
            }
            yield_now().await;
            panic!("as announced");
        })
    });
    assert_eq!(message, "as announced");
    assert!(log.borrow().len() < 18);
    rt.block_on(all(tasks));
    assert_eq!(log.borrow().len(), 18);
}

#[test]
fn the_task_of_a_blocking_job_has_one() {
    runtime::run(async {
        let job = task::Builder::new().priority(High).spawn_blocking(|| 7);
        assert_eq!(job.priority(), High);
        assert_eq!(job.await.unwrap(), 7);
    });
}

#[test]
fn they_are_ordered_by_urgency() {
    assert!(Low < Normal && Normal < High);
    assert_eq!(Priority::default(), Normal);
}
