//! What the console's own subscriber and client make of a loop: everything here goes through the stock crates
//! and their protocol, over a pipe in the place of a socket.
//!
//! Run it in the folder of this package, whose configuration has the flag that `console-subscriber` asks for:
//!
//! ```text
//! cd examples/console && cargo test
//! ```
#![cfg(console_without_tokio_unstable)]

mod client;

use std::thread;
use std::time::Duration;

use futures::channel::oneshot;
use runtime::task::{Builder, yield_now};
use runtime::time::sleep;
use runtime::{Runtime, spawn, spawn_blocking};

use client::{Console, Row};

const BUSY: Duration = Duration::from_millis(30);

#[test]
fn a_task_appears_with_its_name_and_place_and_is_gone_when_it_is_done() {
    Console::test(async |mut console| {
        let (end, ended) = oneshot::channel::<()>();
        let task = Builder::new().name("worker").spawn(ended);
        let line = line!() - 1;
        let row = console.see("worker", |row| row.polls == 1).await;
        assert_eq!(row.field("kind"), "task");
        assert_eq!(row.field("task.id"), task.id().to_string());
        assert!(row.field("size.bytes").parse::<usize>().unwrap() >= size_of::<usize>());
        let place = row.place.as_ref().unwrap();
        assert!(place.file().ends_with("stock_console.rs"), "{place:?}");
        assert_eq!(place.line(), line);
        assert!(!row.dropped);
        end.send(()).unwrap();
        task.await.unwrap().unwrap();
        let row = console.see("worker", |row| row.dropped).await;
        assert_eq!(row.polls, 2);
    });
}

#[test]
fn wakes_are_told_apart_from_those_of_the_task_itself() {
    Console::test(async |mut console| {
        let (end, ended) = oneshot::channel::<()>();
        let task = Builder::new().name("fidget").spawn(async {
            for _ in 0..10 {
                yield_now().await;
            }
            ended.await.unwrap();
        });
        let row = console.see("fidget", |row| row.polls == 11).await;
        assert_eq!((row.wakes, row.self_wakes), (10, 10));
        // It waits, and somebody has its waker.
        assert_eq!(row.wakers, 1);
        thread::spawn(move || end.send(()).unwrap()).join().unwrap();
        task.await.unwrap();
        let row = console.see("fidget", |row| row.dropped).await;
        assert_eq!((row.wakes, row.self_wakes), (11, 10));
    });
}

#[test]
fn the_time_of_polls_is_busy_time_and_that_between_them_is_not() {
    Console::test(async |mut console| {
        let task = Builder::new().name("greedy").spawn(async {
            thread::sleep(BUSY);
            yield_now().await;
            thread::sleep(BUSY);
        });
        task.await.unwrap();
        let row = console.see("greedy", |row| row.dropped).await;
        assert_eq!(row.polls, 2);
        assert!(row.busy >= 2 * BUSY, "{row:?}");
        assert!(row.lived >= row.busy, "{row:?}");
    });
}

#[test]
fn a_blocking_job_has_a_row_of_its_own_and_its_waiter_none() {
    Console::test(async |mut console| {
        let job = Builder::new().name("job").spawn_blocking(|| thread::sleep(BUSY));
        job.await.unwrap();
        let row = console.see("job", |row| row.dropped).await;
        assert_eq!(row.field("kind"), "blocking");
        assert_eq!(row.polls, 1);
        assert!(row.busy >= BUSY, "{row:?}");
        let waiters = |row: &&Row| row.name() == "job" && row.field("kind") == "task";
        assert_eq!(console.rows().filter(waiters).count(), 0);
    });
}

#[test]
fn the_main_future_is_a_task_that_blocks() {
    Console::test(async |mut console| {
        let row = console.see("", |row| row.field("kind") == "block_on" && row.polls > 1).await;
        assert!(row.place.is_some());
        assert!(!row.dropped);
    });
}

#[test]
fn a_crowd_of_tasks_from_two_threads_is_counted_to_the_last() {
    const TASKS: usize = 200;
    Console::test(async |mut console| {
        let handle = runtime::Handle::current();
        let remote = spawn_blocking(move || {
            let tasks = (0..TASKS).map(|_| handle.spawn(yield_now()));
            tasks.collect::<Vec<_>>()
        });
        let local: Vec<_> = (0..TASKS).map(|_| spawn(yield_now())).collect();
        for task in local.into_iter().chain(remote.await.unwrap()) {
            task.await.unwrap();
        }
        let finished = |row: &&Row| row.field("kind") == "task" && row.dropped;
        while console.rows().filter(finished).count() < 2 * TASKS {
            console.update().await;
        }
        let tasks: Vec<&Row> = console.rows().filter(finished).collect();
        assert_eq!(tasks.len(), 2 * TASKS);
        assert!(tasks.iter().all(|row| row.polls == 2 && row.self_wakes == 1));
        assert_eq!(console.lost(), 0);
    });
}

#[test]
fn a_timer_is_a_resource_that_its_task_polls() {
    Console::test(async |mut console| {
        let task = Builder::new().name("sleeper").spawn(sleep(BUSY));
        task.await.unwrap();
        console.see("sleeper", |row| row.dropped).await;
        while !console.timers().any(|gone| gone) || console.waits("sleeper").len() < 2 {
            console.update().await;
        }
        assert_eq!(console.timers().count(), 1);
        assert_eq!(console.waits("sleeper"), ["poll_elapsed: false", "poll_elapsed: true"]);
    });
}

/// A loop that was there before the console, as in a program that calls its `init` in the main function.
#[test]
fn a_console_that_comes_late_sees_what_is_spawned_from_then_on() {
    let rt = Runtime::new().unwrap();
    Console::test_on(&rt, async |mut console| {
        Builder::new().name("late").spawn(yield_now()).await.unwrap();
        console.see("late", |row| row.dropped && row.polls == 2).await;
    });
}
