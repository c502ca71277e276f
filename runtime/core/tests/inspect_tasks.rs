//! What is told of a task is true: what it is, what it is doing, what will wake it, and whom it will wake.

use std::future::pending;
use std::panic::Location;
use std::sync::mpsc;
use std::time::Duration;

use futures::channel::oneshot;
use runtime_core::inspect::{Awaits, TaskInfo, TaskState, Waiter};
use runtime_core::task::{self, Id, yield_now};
use runtime_core::time::{Instant, sleep_until};
use runtime_core::{Handle, run, spawn, spawn_blocking};

/// What is known of a task of the current loop.
fn info(id: Id) -> TaskInfo {
    let tasks = Handle::current().tasks().unwrap();
    tasks.into_iter().find(|task| task.id == id).expect("the task has not finished")
}

#[test]
fn a_task_has_its_id_name_and_spawn_location() {
    run(async {
        let here = Location::caller();
        let nameless = spawn(pending::<()>());
        let named = task::Builder::new().name("named").spawn(pending::<()>());
        let told = info(nameless.id());
        assert_eq!((told.name, told.location.file()), (None, here.file()));
        assert_eq!(told.location.line(), here.line() + 1);
        assert_eq!(info(named.id()).name.as_deref(), Some("named"));
    });
}

#[test]
fn tasks_are_told_oldest_first_and_only_while_they_have_not_finished() {
    run(async {
        let tasks: Vec<_> = (0..3).map(|_| spawn(pending::<()>())).collect();
        let done = spawn(async {});
        yield_now().await;
        assert!(done.is_finished());
        let ids: Vec<Id> = tasks.iter().map(|task| task.id()).collect();
        let told: Vec<Id> = Handle::current().tasks().unwrap().iter().map(|task| task.id).collect();
        assert_eq!(told, ids);
        tasks[1].abort();
        yield_now().await;
        let told: Vec<Id> = Handle::current().tasks().unwrap().iter().map(|task| task.id).collect();
        assert_eq!(told, [ids[0], ids[2]]);
    });
}

#[test]
fn a_task_is_running_ready_or_waiting() {
    run(async {
        let ready = spawn(pending::<()>());
        assert_eq!(info(ready.id()).state, TaskState::Ready);
        yield_now().await;
        assert_eq!(info(ready.id()).state, TaskState::Waiting);
        let running = spawn(async { info(task::id()).state });
        assert_eq!(running.await.unwrap(), TaskState::Running);
    });
}

#[test]
fn whoever_starts_a_task_eagerly_is_running_while_that_is_polled() {
    run(async {
        let states = |ids: &[Id]| ids.iter().map(|&id| info(id).state).collect::<Vec<_>>();
        let parent = spawn(async move {
            let parent = task::id();
            let grandchild = task::spawn_eager(async move {
                let child = task::id();
                task::spawn_eager(async move { states(&[parent, child, task::id()]) })
            });
            let within = grandchild.await.unwrap().await.unwrap();
            (within, states(&[parent]))
        });
        let (within, after) = parent.await.unwrap();
        assert_eq!(within, [TaskState::Running; 3]);
        assert_eq!(after, [TaskState::Running]);
    });
}

#[test]
fn the_main_future_is_told_while_it_starts_a_task_in_its_first_poll() {
    run(async {
        let task = task::spawn_eager(async {
            let snapshot = Handle::current().snapshot(Duration::ZERO).unwrap();
            snapshot.main.map(|main| main.state)
        });
        assert_eq!(task.await.unwrap(), Some(TaskState::Running));
    });
}

#[test]
fn the_main_future_has_the_place_where_it_was_handed_over() {
    let rt = runtime_core::Runtime::new().unwrap();
    let main = || Handle::current().snapshot(Duration::ZERO).unwrap().main.unwrap().location;
    let told = [rt.block_on(async { main() }), run(async { main() })];
    let line = Location::caller().line() - 1;
    assert_eq!(told.map(|told| (told.file(), told.line())), [(file!(), line); 2]);
    let tree = rt.block_on(async { Handle::current().graph().unwrap().to_text() });
    assert!(tree.starts_with(&format!("main future [running], run at {}:", file!())), "{tree}");
}

#[test]
fn who_waits_to_be_asked_to_end_says_so() {
    run(async {
        let listens = spawn(task::cancelled());
        let both = spawn(async {
            let asleep = sleep_until(Instant::now() + Duration::from_secs(3600));
            futures::future::select(std::pin::pin!(task::cancelled()), asleep).await;
        });
        // It deals with requests when nobody else does, which is no wait.
        let channel = spawn(task::run_until_cancelled(pending::<()>()));
        yield_now().await;
        assert_eq!(info(listens.id()).awaits, [Awaits::Cancellation]);
        let told = info(both.id()).awaits;
        let [Awaits::Timer { .. }, Awaits::Cancellation] = told[..] else { panic!("{told:?}") };
        assert_eq!(info(channel.id()).awaits, [Awaits::Unknown]);
    });
}

#[test]
fn a_task_that_waits_for_what_the_loop_does_not_know_says_so() {
    run(async {
        let (_sender, receiver) = oneshot::channel::<()>();
        let task = spawn(receiver);
        assert_eq!(info(task.id()).awaits, []);
        yield_now().await;
        assert_eq!(info(task.id()).awaits, [Awaits::Unknown]);
    });
}

#[test]
fn a_join_is_seen_from_both_ends() {
    run(async {
        let child = spawn(pending::<()>());
        let child_id = child.id();
        let parent = spawn(async move { child.await.is_ok() });
        yield_now().await;
        assert_eq!(info(parent.id()).awaits, [Awaits::Task(child_id)]);
        assert_eq!(info(child_id).awaited_by, [Waiter::Task(parent.id())]);
        assert_eq!(info(parent.id()).awaited_by, []);
    });
}

#[test]
fn the_main_future_is_told_apart() {
    run(async {
        let (asked, question) = oneshot::channel::<()>();
        let child = spawn(async move {
            question.await.unwrap();
            let snapshot = Handle::current().snapshot(Duration::ZERO).unwrap();
            let main = snapshot.main.unwrap();
            let child = &snapshot.tasks[0];
            assert_eq!(snapshot.tasks.len(), 1);
            assert_eq!(main.awaits, [Awaits::Task(child.id)]);
            assert_eq!(main.state, TaskState::Waiting);
            assert_eq!(child.awaited_by, [Waiter::Main(main.id)]);
        });
        let main = Handle::current().snapshot(Duration::ZERO).unwrap().main.unwrap();
        assert_eq!(main.state, TaskState::Running);
        asked.send(()).unwrap();
        child.await.unwrap();
    });
}

#[test]
fn a_sleep_is_told_with_its_deadline() {
    run(async {
        let deadline = Instant::now() + Duration::from_secs(3600);
        let task = spawn(sleep_until(deadline));
        yield_now().await;
        let told = info(task.id()).awaits;
        let [Awaits::Timer { deadline: told, left }] = told[..] else { panic!("{told:?}") };
        assert_eq!(told, deadline);
        assert!(left <= Duration::from_secs(3600) && left > Duration::from_secs(3000));
    });
}

#[test]
fn two_waits_of_one_task_are_both_told() {
    run(async {
        let child = spawn(pending::<()>());
        let child_id = child.id();
        let deadline = Instant::now() + Duration::from_secs(3600);
        let task =
            spawn(async move { runtime_core::time::timeout_at(deadline, child).await.is_ok() });
        yield_now().await;
        let told = info(task.id()).awaits;
        assert_eq!(told.len(), 2);
        assert!(told.contains(&Awaits::Task(child_id)));
        assert!(told.iter().any(|awaits| matches!(awaits, Awaits::Timer { .. })));
    });
}

#[test]
fn a_blocking_job_is_awaited_by_its_task() {
    run(async {
        let (release, released) = mpsc::channel::<()>();
        let job = spawn_blocking(move || released.recv().is_ok());
        yield_now().await;
        assert_eq!(info(job.id()).awaits, [Awaits::Blocking]);
        release.send(()).unwrap();
        assert!(job.await.unwrap());
    });
}

#[test]
fn a_task_behind_a_factory_is_told_once() {
    let rt = runtime_core::Runtime::builder()
        .task_factory(|_, future| Box::pin(future))
        .build()
        .unwrap();
    rt.block_on(async {
        let child = spawn(pending::<()>());
        let child_id = child.id();
        let parent = spawn(async move { child.await.is_ok() });
        for _ in 0..3 {
            yield_now().await;
        }
        assert_eq!(Handle::current().tasks().unwrap().len(), 2);
        assert_eq!(info(parent.id()).awaits, [Awaits::Task(child_id)]);
        assert_eq!(info(child_id).awaited_by, [Waiter::Task(parent.id())]);
        assert_eq!(info(child_id).state, TaskState::Waiting);
    });
}

#[test]
fn a_joiner_on_another_thread_is_foreign() {
    run(async {
        let child = spawn(pending::<()>());
        let id = child.id();
        let (sender, receiver) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let mut child = child;
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            let polled = std::pin::Pin::new(&mut child).poll(&mut context);
            assert!(polled.is_pending());
            sender.send(()).unwrap();
            child
        });
        receiver.await.unwrap();
        assert_eq!(info(id).awaited_by, [Waiter::Foreign]);
        drop(thread.join().unwrap());
    });
}
