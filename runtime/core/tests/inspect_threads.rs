//! A loop is asked from other threads: while it works, when it is not there, and when it is gone.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use runtime_core::inspect::{SnapshotError, TaskState};
use runtime_core::task::yield_now;
use runtime_core::{Builder, Handle, Runtime, spawn};

/// Longer than any loop takes that is there at all.
const LONG: Duration = Duration::from_secs(60);

/// What another thread is told while the loop of this one runs.
fn ask_while_running<T: Send + 'static>(
    rt: &Runtime,
    ask: impl FnOnce(Handle) -> T + Send + 'static,
) -> T {
    let handle = rt.handle().clone();
    let asking = thread::spawn(move || {
        let answer = ask(handle.clone());
        handle.stop().unwrap();
        answer
    });
    rt.run_forever().unwrap();
    asking.join().unwrap()
}

#[test]
fn a_loop_that_sleeps_answers_another_thread() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(pending::<()>());
    let snapshot = ask_while_running(&rt, |handle| handle.snapshot(LONG).unwrap());
    assert_eq!(snapshot.tasks.len(), 1);
    assert_eq!(snapshot.tasks[0].id, task.id());
    assert!(snapshot.main.is_none(), "there is none in `run_forever`");
    assert_eq!(snapshot.metrics.live_tasks, 1);
}

#[test]
fn a_closed_loop_has_no_snapshot_and_no_tasks() {
    let rt = Runtime::new().unwrap();
    drop(rt.spawn(pending::<()>()));
    let handle = rt.handle().clone();
    drop(rt);
    assert_eq!(handle.snapshot(LONG).unwrap_err(), SnapshotError::Closed);
    assert_eq!(handle.tasks().unwrap_err(), SnapshotError::Closed);
    assert_eq!(handle.graph().unwrap_err(), SnapshotError::Closed);
    assert_eq!(handle.metrics().unwrap_err(), SnapshotError::Closed);
}

#[test]
fn a_loop_that_closes_keeps_nobody_waiting() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let (sender, asked) = mpsc::channel();
    let asking = thread::spawn(move || {
        sender.send(()).unwrap();
        handle.snapshot(LONG)
    });
    asked.recv().unwrap();
    drop(rt);
    match asking.join().unwrap() {
        // It was the last thing that it did.
        Ok(snapshot) => assert!(snapshot.tasks.is_empty()),
        Err(error) => assert_eq!(error, SnapshotError::Closed),
    }
}

#[test]
fn a_loop_between_runs_does_not_answer_others_in_time() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let asking = thread::spawn(move || handle.snapshot(Duration::from_millis(5)).unwrap_err());
    assert_eq!(asking.join().unwrap(), SnapshotError::NotRun);
    // The late answer is for nobody.
    rt.block_on(yield_now());
    let handle = rt.handle().clone();
    let asking = thread::spawn(move || handle.snapshot(Duration::from_millis(5)).unwrap_err());
    assert_eq!(asking.join().unwrap(), SnapshotError::NotRun);
}

#[test]
fn a_loop_that_is_kept_by_a_poll_does_not_answer_in_time() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let barrier = Arc::new(Barrier::new(2));
    let asked = barrier.clone();
    let asking = thread::spawn(move || {
        asked.wait();
        let answer = handle.snapshot(Duration::from_millis(5));
        asked.wait();
        answer.unwrap_err()
    });
    rt.block_on(async {
        barrier.wait();
        barrier.wait();
    });
    assert_eq!(asking.join().unwrap(), SnapshotError::TimedOut);
}

#[test]
fn its_own_thread_is_told_when_a_loop_cannot_answer_it() {
    let rt = Runtime::new().unwrap();
    assert_eq!(rt.handle().snapshot(LONG).unwrap_err(), SnapshotError::NotCurrent);
    let _entered = rt.enter();
    assert!(rt.handle().snapshot(Duration::ZERO).unwrap().tasks.is_empty());
}

#[test]
fn other_threads_are_told_tasks_graph_and_metrics() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(pending::<()>());
    let (tasks, graph, metrics) = ask_while_running(&rt, |handle| {
        // On a machine that is very busy it may take more than a second.
        let tasks = insist(|| handle.tasks());
        (tasks, insist(|| handle.graph()), insist(|| handle.metrics()))
    });
    assert_eq!(tasks.iter().map(|task| task.id).collect::<Vec<_>>(), [task.id()]);
    assert_eq!(graph.nodes().len(), 1);
    assert_eq!(metrics.live_tasks, 1);
}

fn insist<T>(ask: impl Fn() -> Result<T, SnapshotError>) -> T {
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(error) => assert_eq!(error, SnapshotError::TimedOut),
        }
    }
}

#[test]
fn a_loop_that_another_one_drives_is_blocked_as_long_as_its_poll_is() {
    let (outer, inner) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let handles = [outer.handle().clone(), inner.handle().clone()];
    let barrier = Arc::new(Barrier::new(2));
    let asked = barrier.clone();
    let asking = thread::spawn(move || {
        let ask = || handles.each_ref().map(|each| each.snapshot(Duration::from_millis(5)).err());
        asked.wait();
        let within = ask();
        asked.wait();
        asked.wait();
        let between = ask();
        asked.wait();
        (within, between)
    });
    outer.block_on(async {
        let both = barrier.clone();
        let _task = inner.spawn(async move {
            both.wait();
            both.wait();
        });
        inner.turn(Some(Duration::ZERO)).unwrap();
        barrier.wait();
        barrier.wait();
    });
    let (within, between) = asking.join().unwrap();
    assert_eq!(within, [Some(SnapshotError::TimedOut); 2]);
    assert_eq!(between, [Some(SnapshotError::TimedOut), Some(SnapshotError::NotRun)]);
}

#[test]
fn one_loop_asks_another_by_a_task() {
    let other = Runtime::new().unwrap();
    let remote = other.handle().clone();
    let stop = other.handle().clone();
    let asking = thread::spawn(move || {
        runtime_core::run(async move {
            let tasks = remote.spawn(async { Handle::current().tasks().unwrap() }).await.unwrap();
            stop.stop().unwrap();
            tasks.len()
        })
    });
    drop(other.spawn(pending::<()>()));
    other.run_forever().unwrap();
    assert_eq!(asking.join().unwrap(), 2, "the one that waits, and the one that asks");
}

#[test]
fn snapshots_are_whole_while_tasks_come_and_go() {
    let rt = Builder::new().inspect(true).build().unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let asked = done.clone();
    let handle = rt.handle().clone();
    let asking = thread::spawn(move || {
        for _ in 0..50 {
            let snapshot = handle.snapshot(LONG).unwrap();
            assert_eq!(snapshot.metrics.live_tasks, snapshot.tasks.len());
            let graph = snapshot.graph();
            assert_eq!(graph.to_dot().matches("->").count(), edges(&graph));
            assert!(snapshot.tasks.iter().all(|task| task.state != TaskState::Running));
        }
        asked.store(true, Ordering::Relaxed);
    });
    rt.block_on(async {
        while !done.load(Ordering::Relaxed) {
            let leaves: Vec<_> = (0..20).map(|_| spawn(yield_now())).collect();
            let chain = leaves.into_iter().map(|leaf| spawn(async { leaf.await.unwrap() }));
            for task in chain.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        }
    });
    asking.join().unwrap();
}

fn edges(graph: &runtime_core::inspect::Graph) -> usize {
    graph.nodes().iter().map(|node| node.edges.len() + node.leaves.len()).sum()
}

#[test]
fn ten_thousand_tasks_are_told() {
    const TASKS: usize = 10_000;
    let rt = Runtime::new().unwrap();
    let tasks: Vec<_> = (0..TASKS).map(|_| rt.spawn(pending::<()>())).collect();
    let snapshot = ask_while_running(&rt, |handle| handle.snapshot(LONG).unwrap());
    assert_eq!(snapshot.tasks.len(), TASKS);
    let same = snapshot.tasks.iter().zip(&tasks).all(|(told, task)| told.id == task.id());
    assert!(same, "the oldest first");
    assert_eq!(snapshot.graph().nodes().len(), TASKS);
}
