//! Every kind of wait is read back: sources, names, groups, and what is hidden behind foreign wakers.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::join_all;
use futures::lock::Mutex;
use futures::stream::{FuturesUnordered, StreamExt};
use runtime_core::inspect::{Awaits, NodeKind, TaskInfo, Waiter};
use runtime_core::task::{Id, JoinSet, TaskGroup, awaiting, holding, spawn_eager, yield_now};
use runtime_core::time::{Instant, sleep, sleep_until};
use runtime_core::{Builder, Handle, Runtime, run, spawn};

const HOUR: Duration = Duration::from_secs(3600);

fn inspected() -> Runtime {
    Builder::new().inspect(true).build().unwrap()
}

fn find(id: Id) -> Option<TaskInfo> {
    Handle::current().tasks().unwrap().into_iter().find(|task| task.id == id)
}

fn info(id: Id) -> TaskInfo {
    find(id).expect("the task has not finished")
}

fn resource(name: &str) -> Awaits {
    Awaits::Resource(name.into())
}

#[test]
fn what_has_a_name_is_told_by_it_as_long_as_it_is_awaited() {
    run(async {
        let (sender, receiver) = oneshot::channel::<()>();
        let task = spawn(async {
            awaiting("a reply", receiver).await.unwrap();
            awaiting(String::from("another"), yield_now()).await;
            pending::<()>().await;
        });
        assert_eq!(info(task.id()).awaits, []);
        yield_now().await;
        assert_eq!(info(task.id()).awaits, [resource("a reply")]);
        sender.send(()).unwrap();
        yield_now().await;
        assert_eq!(info(task.id()).awaits, [resource("another")]);
        yield_now().await;
        assert_eq!(info(task.id()).awaits, [Awaits::Unknown]);
    });
}

#[test]
fn a_named_wait_that_is_dropped_is_over() {
    run(async {
        let mut named = Box::pin(awaiting("it", pending::<()>()));
        assert!(futures::poll!(named.as_mut()).is_pending());
        let main = || Handle::current().snapshot(Duration::ZERO).unwrap().main.unwrap();
        assert_eq!(main().awaits, [resource("it")]);
        // On another thread, too.
        std::thread::spawn(move || drop(named)).join().unwrap();
        assert_eq!(main().awaits, []);
    });
}

#[test]
fn a_named_wait_belongs_to_whoever_polled_it_last() {
    run(async {
        let mut named = Box::pin(awaiting("it", pending::<()>()));
        assert!(futures::poll!(named.as_mut()).is_pending());
        let task = spawn(named);
        yield_now().await;
        assert_eq!(info(task.id()).awaits, [resource("it")]);
        let snapshot = Handle::current().snapshot(Duration::ZERO).unwrap();
        assert_eq!(snapshot.main.unwrap().awaits, []);
    });
}

#[test]
fn many_named_waits_leave_nothing_behind() {
    run(async {
        for _ in 0..1000 {
            awaiting("a turn", yield_now()).await;
            drop(holding("a lock"));
        }
        let snapshot = Handle::current().snapshot(Duration::ZERO).unwrap();
        assert!(snapshot.held.is_empty());
        assert_eq!(snapshot.main.unwrap().awaits, []);
    });
}

#[test]
fn names_mean_nothing_outside_of_a_loop() {
    let held = holding("it");
    let value = futures::executor::block_on(awaiting("it", async { 5 }));
    assert_eq!(value, 5);
    drop(held);
}

#[test]
fn a_circle_through_locks_is_a_deadlock() {
    async fn lock_both(first: Rc<Mutex<&'static str>>, second: Rc<Mutex<&'static str>>) {
        let outer = first.lock().await;
        let _outer = holding(*outer);
        yield_now().await;
        let name = if *outer == "a" { "b" } else { "a" };
        let _inner = awaiting(name, second.lock()).await;
    }
    run(async {
        let (a, b) = (Rc::new(Mutex::new("a")), Rc::new(Mutex::new("b")));
        let one = spawn(lock_both(a.clone(), b.clone()));
        let other = spawn(lock_both(b, a));
        yield_now().await;
        yield_now().await;
        let snapshot = Handle::current().snapshot(Duration::ZERO).unwrap();
        let held: Vec<_> = snapshot.held.iter().map(|(name, by)| (&**name, &by[..])).collect();
        assert_eq!(held, [("a", &[one.id()][..]), ("b", &[other.id()][..])]);
        let graph = snapshot.graph();
        let deadlock = graph.deadlocks().next().expect("neither can go on");
        assert_eq!(deadlock.nodes.len(), 4, "two tasks and two locks: {graph}");
        assert_eq!(graph.to_text().matches("resource `").count(), 2);
    });
}

#[test]
fn a_group_stands_between_its_owner_and_its_children() {
    run(async {
        let ids = Rc::new(Cell::new(None));
        let told = ids.clone();
        let owner = spawn(async move {
            let _ = TaskGroup::<()>::run(async |group| {
                let first = group.spawn(pending::<Result<(), ()>>());
                let second = group.spawn(pending::<Result<(), ()>>());
                told.set(Some((first.id(), second.id())));
                Ok(())
            })
            .await;
        });
        yield_now().await;
        yield_now().await;
        let (first, second) = ids.get().unwrap();
        let snapshot = Handle::current().snapshot(Duration::ZERO).unwrap();
        let [group] = &snapshot.groups[..] else { panic!("{:?}", snapshot.groups) };
        assert_eq!(group.members, [first, second]);
        assert_eq!(group.awaited_by, [Waiter::Task(owner.id())]);
        assert_eq!(info(owner.id()).awaits, [Awaits::Group(group.number)]);
        assert_eq!(info(first).awaited_by, [Waiter::Group(group.number)]);
        let graph = snapshot.graph();
        let node = graph.nodes().iter().find(|node| node.kind == NodeKind::Group(group.number));
        assert_eq!(node.unwrap().edges.len(), 2);
        owner.abort();
        yield_now().await;
        yield_now().await;
        assert!(Handle::current().snapshot(Duration::ZERO).unwrap().groups.is_empty());
    });
}

#[test]
fn joins_inside_of_foreign_combinators_are_told_while_the_loop_is_inspected() {
    let seen = |rt: Runtime| {
        rt.block_on(async {
            let children: Vec<_> = (0..40).map(|_| spawn(pending::<()>())).collect();
            let ids: Vec<Id> = children.iter().map(|child| child.id()).collect();
            // So many that it uses wakers of its own.
            let parent = spawn(async { drop(join_all(children).await) });
            // It gives way in between.
            yield_now().await;
            yield_now().await;
            let awaits = info(parent.id()).awaits;
            let by = info(ids[7]).awaited_by;
            let all = ids.iter().all(|&id| awaits.contains(&Awaits::Task(id)));
            (awaits, by, all, parent.id())
        })
    };
    let (awaits, by, ..) = seen(Runtime::new().unwrap());
    assert_eq!((&awaits[..], &by[..]), (&[Awaits::Unknown][..], &[Waiter::Foreign][..]));
    let (awaits, by, all, parent) = seen(inspected());
    assert!(all, "{awaits:?}");
    assert_eq!((awaits.len(), &by[..]), (40, &[Waiter::Task(parent)][..]));
}

#[test]
fn timers_inside_of_foreign_combinators_are_told_while_the_loop_is_inspected() {
    inspected().block_on(async {
        let deadlines: Vec<_> = (0..3).map(|hours| Instant::now() + HOUR * (hours + 1)).collect();
        let mut sleeps: FuturesUnordered<_> =
            deadlines.iter().map(|&deadline| sleep_until(deadline)).collect();
        let first = spawn(sleep(HOUR * 9));
        let task = spawn(async move { sleeps.next().await });
        yield_now().await;
        let awaits = info(task.id()).awaits;
        let mut told: Vec<_> = awaits
            .iter()
            .map(|awaits| match awaits {
                Awaits::Timer { deadline, .. } => *deadline,
                other => panic!("{other:?}"),
            })
            .collect();
        told.sort_unstable();
        assert_eq!(told, deadlines);
        assert_eq!(info(first.id()).awaits.len(), 1);
    });
}

#[test]
fn a_set_is_told_by_its_members() {
    for rt in [Runtime::new().unwrap(), inspected()] {
        rt.block_on(async {
            let mut set = JoinSet::new();
            let members = [(); 2].map(|()| set.spawn(pending::<()>()).id());
            yield_now().await;
            assert_eq!(info(members[0]).awaited_by, [], "by nobody yet");
            let task = spawn(async move { set.join_next().await.is_some() });
            yield_now().await;
            assert_eq!(info(task.id()).awaits, members.map(Awaits::Task));
            assert_eq!(info(members[1]).awaited_by, [Waiter::Task(task.id())]);
        });
    }
}

#[test]
fn a_member_of_a_set_that_awaits_whoever_awaits_the_set_is_a_circle() {
    run(async {
        let slot: Rc<Cell<Option<runtime_core::task::JoinHandle<()>>>> = Rc::default();
        let taken = slot.clone();
        let mut set = JoinSet::new();
        set.spawn(async move { drop(taken.take().unwrap().await) });
        slot.set(Some(spawn(async move { drop(set.join_next().await) })));
        yield_now().await;
        yield_now().await;
        let graph = Handle::current().graph().unwrap();
        assert_eq!(graph.deadlocks().count(), 1, "{graph}");
    });
}

#[test]
fn a_set_inside_of_a_foreign_combinator_is_told_while_the_loop_is_inspected() {
    inspected().block_on(async {
        let mut set = JoinSet::new();
        let member = set.spawn(pending::<()>()).id();
        let task = spawn(async move {
            let mut all: FuturesUnordered<_> = [set.join_next()].into_iter().collect();
            all.next().await.is_some()
        });
        yield_now().await;
        assert_eq!(info(task.id()).awaits, [Awaits::Task(member)]);
        assert_eq!(info(member).awaited_by, [Waiter::Task(task.id())]);
    });
}

#[test]
fn a_task_that_awaits_very_many_is_told_whole() {
    const MANY: usize = 20_000;
    inspected().block_on(async {
        let children: Vec<_> = (0..MANY).map(|_| spawn(pending::<()>())).collect();
        let parent = spawn(async { drop(join_all(children).await) });
        while info(parent.id()).awaits.len() < MANY {
            yield_now().await;
        }
        assert_eq!(info(parent.id()).awaits.len(), MANY);
    });
}

#[test]
fn what_is_awaited_twice_is_told_once() {
    run(async {
        let deadline = Instant::now() + HOUR;
        let task = spawn(async move {
            let (one, other) = (awaiting("it", pending::<()>()), awaiting("it", pending::<()>()));
            futures::join!(one, other, sleep_until(deadline), sleep_until(deadline));
        });
        yield_now().await;
        let told = info(task.id()).awaits;
        let [Awaits::Timer { .. }, Awaits::Resource(_)] = told[..] else { panic!("{told:?}") };
    });
}

#[test]
fn a_task_that_is_started_eagerly_is_counted_and_told() {
    let polled = Rc::new(Cell::new(0));
    let count = polled.clone();
    let rt = Builder::new()
        .inspect(true)
        .on_before_task_poll(move |task| {
            assert_eq!(task.id(), runtime_core::task::id());
            count.set(count.get() + 1);
        })
        .build()
        .unwrap();
    rt.block_on(async {
        let before = Handle::current().metrics().unwrap().polls.unwrap();
        let task = spawn_eager(poll_fn(|_| std::task::Poll::<()>::Pending));
        assert_eq!(polled.get(), 1);
        assert_eq!(info(task.id()).polls, Some(1));
        assert_eq!(Handle::current().metrics().unwrap().polls.unwrap() - before, 1);
        let done = spawn_eager(async {});
        assert!(done.is_finished());
        let metrics = Handle::current().metrics().unwrap();
        assert_eq!((metrics.spawned, metrics.completed), (Some(2), Some(1)));
    });
}

#[cfg(unix)]
mod sources {
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    use futures::future::{Either, select};
    use runtime_core::reactor::{AsyncFd, Direction, Interest, PollSelector};

    use super::*;

    /// A loop with each of the built-in selectors.
    fn on_each_selector(set_up: impl Fn(Builder) -> Builder, test: impl AsyncFn()) {
        let poll = Builder::new().selector(PollSelector::new().unwrap());
        for builder in [Builder::new(), poll] {
            set_up(builder).build().unwrap().block_on(test());
        }
    }

    fn pair() -> (AsyncFd<UnixStream>, UnixStream) {
        let (here, there) = UnixStream::pair().unwrap();
        here.set_nonblocking(true).unwrap();
        (AsyncFd::new(here).unwrap(), there)
    }

    /// Fills it up, so that it is not writable any more.
    fn fill(stream: &UnixStream) {
        use std::io::Write;
        while (&mut &*stream).write(&[0; 4096]).is_ok() {}
    }

    #[test]
    fn a_source_is_told_with_its_number_and_direction() {
        on_each_selector(std::convert::identity, async || {
            let (source, _peer) = pair();
            let number = source.as_raw_fd();
            let source = Rc::new(source);
            let reading = source.clone();
            let reader = spawn(async move { drop(reading.readable().await.unwrap()) });
            fill(source.get_ref());
            let writing = source.clone();
            let writer = spawn(async move {
                // What it seemed to be at first.
                writing.writable().await.unwrap().clear_ready();
                drop(writing.writable().await.unwrap());
            });
            let awaits = |direction| [Awaits::Io { direction, fd: Some(number) }];
            for _ in 0..3 {
                yield_now().await;
            }
            assert_eq!(info(reader.id()).awaits, awaits(Direction::Read));
            // One that has been cleared once waits.
            assert_eq!(info(writer.id()).awaits, awaits(Direction::Write));
        });
    }

    #[test]
    fn several_tasks_at_one_source_are_all_told() {
        on_each_selector(std::convert::identity, async || {
            let (source, _peer) = pair();
            let number = source.as_raw_fd();
            let source = Rc::new(source);
            let readers: Vec<_> = (0..3)
                .map(|_| {
                    let source = source.clone();
                    spawn(async move { drop(source.ready(Interest::READABLE).await.unwrap()) })
                })
                .collect();
            yield_now().await;
            yield_now().await;
            let expected = [Awaits::Io { direction: Direction::Read, fd: Some(number) }];
            for reader in &readers {
                assert_eq!(info(reader.id()).awaits, expected);
            }
        });
    }

    #[test]
    fn sources_inside_of_foreign_combinators_are_told_while_the_loop_is_inspected() {
        on_each_selector(
            |builder| builder.inspect(true),
            async || {
                let (sources, _peers): (Vec<_>, Vec<_>) = (0..3).map(|_| pair()).unzip();
                let numbers: Vec<_> = sources.iter().map(AsRawFd::as_raw_fd).collect();
                let task = spawn(async move {
                    let mut waits: FuturesUnordered<_> =
                        sources.iter().map(|source| source.readable()).collect();
                    drop(waits.next().await);
                });
                yield_now().await;
                let awaits = info(task.id()).awaits;
                assert_eq!(awaits.len(), 3, "{awaits:?}");
                for fd in numbers {
                    assert!(
                        awaits.contains(&Awaits::Io { direction: Direction::Read, fd: Some(fd) })
                    );
                }
            },
        );
    }

    #[test]
    fn a_wait_that_is_over_is_not_told() {
        run(async {
            let (source, mut peer) = pair();
            let task = spawn(async move {
                drop(source.readable().await.unwrap());
                pending::<()>().await;
            });
            yield_now().await;
            std::io::Write::write_all(&mut peer, b"x").unwrap();
            while info(task.id()).awaits != [Awaits::Unknown] {
                sleep(Duration::from_millis(1)).await;
            }
        });
    }

    #[test]
    fn both_branches_of_a_select_are_told() {
        run(async {
            let (source, _peer) = pair();
            let task = spawn(async move {
                let readable = std::pin::pin!(source.readable());
                match select(readable, std::pin::pin!(sleep(HOUR))).await {
                    Either::Left(_) => true,
                    Either::Right(_) => false,
                }
            });
            yield_now().await;
            let awaits = info(task.id()).awaits;
            assert!(awaits.iter().any(|awaits| matches!(awaits, Awaits::Io { .. })), "{awaits:?}");
            assert!(awaits.iter().any(|awaits| matches!(awaits, Awaits::Timer { .. })));
        });
    }
}

#[test]
fn a_task_that_has_finished_is_not_told() {
    run(async {
        let task = spawn(async {});
        let id = task.id();
        yield_now().await;
        assert!(task.is_finished() && find(id).is_none());
    });
}
