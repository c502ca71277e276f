//! Work finds its way to the loops of a group, and from one of them to another.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::thread;

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use runtime::group::GroupHandle;
use runtime::task::JoinError;
use runtime::{Handle, LoopGroup};

mod support;

use support::panic_message;

fn group(loops: usize) -> LoopGroup {
    LoopGroup::builder().loops(loops).build().unwrap()
}

fn all<T>(results: Vec<Result<T, JoinError>>) -> Vec<T> {
    results.into_iter().map(Result::unwrap).collect()
}

#[test]
fn each_loop_has_a_thread_of_its_own() {
    let group = group(4);
    let threads = all(group.run(|_| async { thread::current().id() }));
    assert_eq!(threads.into_iter().collect::<HashSet<_>>().len(), 4);
    assert_eq!((group.len(), group.handles().len()), (4, 4));
}

#[test]
fn each_loop_knows_its_index() {
    let group = group(3);
    let indices = all(group.run(|index| async move { (index, GroupHandle::index()) }));
    assert_eq!(indices, [(0, Some(0)), (1, Some(1)), (2, Some(2))]);
}

#[test]
fn threads_bear_the_name_of_the_group() {
    let name = |_| async { thread::current().name().map(String::from) };
    let named = LoopGroup::builder().loops(2).thread_name("shard").build().unwrap();
    assert_eq!(all(named.run(name)), [Some("shard-0".into()), Some("shard-1".into())]);
    assert_eq!(all(group(1).run(name)), [Some("loop-0".into())]);
}

#[test]
fn there_is_a_loop_for_each_processor() {
    let processors = thread::available_parallelism().map_or(1, Into::into);
    assert_eq!(LoopGroup::new().unwrap().len(), processors);
}

#[test]
fn a_future_that_is_not_send_is_made_where_it_runs() {
    let group = group(2);
    let task = group.spawn_local_on(1, || {
        let count = Rc::new(Cell::new(0));
        async move {
            let other = count.clone();
            runtime::spawn(async move { other.set(7) }).await.unwrap();
            (count.get(), GroupHandle::index())
        }
    });
    assert_eq!(runtime::run(task).unwrap(), (7, Some(1)));
}

#[test]
fn turns_are_taken() {
    let group = group(3);
    let tasks: Vec<_> = (0..6).map(|_| group.spawn(async { GroupHandle::index() })).collect();
    let indices = runtime::run(futures::future::try_join_all(tasks)).unwrap();
    assert_eq!(indices, [Some(0), Some(1), Some(2), Some(0), Some(1), Some(2)]);
}

#[test]
fn a_task_finds_its_siblings() {
    let group = group(3);
    let relayed = all(group.run(|index| async move {
        let siblings = GroupHandle::try_current().unwrap();
        let next = (index + 1) % siblings.len();
        // The next loop asks the one after it in turn.
        let task = siblings.spawn_local_on(next, move || async move {
            let siblings = GroupHandle::try_current().unwrap();
            let further = (next + 1) % siblings.len();
            siblings.spawn_on(further, async { GroupHandle::index() }).await.unwrap()
        });
        task.await.unwrap()
    }));
    assert_eq!(relayed, [Some(2), Some(0), Some(1)]);
}

#[test]
fn messages_go_round_the_loops() {
    const ROUNDS: u64 = 100;
    let group = group(3);
    let (mut first, mut inbox) = mpsc::channel::<u64>(1);
    let mut tasks = Vec::new();
    for index in 1..3 {
        let (outbox, next) = mpsc::channel(1);
        let mut messages = std::mem::replace(&mut inbox, next);
        tasks.push(group.spawn_on(index, async move {
            let mut outbox = outbox;
            while let Some(message) = messages.next().await {
                outbox.send(message + 1).await.unwrap();
            }
        }));
    }
    let last = group.spawn_on(0, async move {
        let mut message = 0;
        for _ in 0..ROUNDS {
            first.send(message).await.unwrap();
            message = inbox.next().await.unwrap() + 1;
        }
        message
    });
    assert_eq!(runtime::run(last).unwrap(), 3 * ROUNDS);
    runtime::run(futures::future::try_join_all(tasks)).unwrap();
}

#[test]
fn handles_of_one_loop_work_from_another() {
    let group = group(2);
    let handle = group.handle(1).clone();
    let task = group.spawn_on(0, async move { handle.spawn_blocking(|| 5).await.unwrap() });
    assert_eq!(runtime::run(task).unwrap(), 5);
}

#[test]
fn outside_of_a_group_there_is_none() {
    assert!(GroupHandle::try_current().is_none());
    runtime::run(async { assert_eq!(GroupHandle::index(), None) });
    let group = group(1);
    let on_the_pool = all(group.run(|_| async {
        let job = runtime::spawn_blocking(GroupHandle::index);
        (Handle::try_current().is_ok(), job.await.unwrap())
    }));
    assert_eq!(on_the_pool, [(true, None)]);
}

#[test]
fn a_loop_is_configured_on_its_thread_with_its_index() {
    thread_local! { static CONFIGURED: Cell<Option<usize>> = const { Cell::new(None) }; }
    let group = LoopGroup::builder().loops(3).configure(|index, builder| {
        CONFIGURED.set(Some(index));
        builder.event_interval(16)
    });
    let group = group.build().unwrap();
    assert_eq!(all(group.run(|_| async { CONFIGURED.get() })), [Some(0), Some(1), Some(2)]);
}

#[test]
fn a_future_that_panics_does_so_alone() {
    let group = group(2);
    let results = group.run(|index| async move {
        if index == 0 {
            std::panic::resume_unwind(Box::new("no"));
        }
        index
    });
    assert!(results[0].as_ref().unwrap_err().is_panic());
    assert_eq!(*results[1].as_ref().unwrap(), 1);
    assert_eq!(group.run(|index| async move { index }).len(), 2);
}

#[test]
fn a_loop_that_is_not_there_is_named() {
    let group = group(2);
    let message = panic_message(|| group.spawn_on(2, async {}));
    assert_eq!(message, "there is no loop 2 in a group of 2");
}

#[test]
fn run_does_not_block_a_loop() {
    let group = group(1);
    let message = panic_message(|| runtime::run(async { group.run(|_| async {}).len() }));
    assert!(message.contains("`spawn_on_each`"), "{message}");
}

#[test]
fn at_least_one_loop() {
    assert!(panic_message(|| LoopGroup::builder().loops(0)).contains("at least one loop"));
    let message = panic_message(|| LoopGroup::builder().thread_name("a\0b"));
    assert!(message.contains("NUL"), "{message}");
}
