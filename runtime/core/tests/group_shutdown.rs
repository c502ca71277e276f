//! A group ends when it is told to, with all its threads, and says what it left behind.

use std::future::pending;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures::channel::oneshot;
use runtime::group::GroupHandle;
use runtime::{Handle, LoopGroup, ShutdownOptions, task};

mod support;

use support::DropLog;

/// As good as for ever.
const LONG: Duration = Duration::from_secs(600);

fn group(loops: usize) -> LoopGroup {
    LoopGroup::builder().loops(loops).build().unwrap()
}

/// Sends when its thread is gone, or as good as.
struct Farewell(mpsc::Sender<Option<usize>>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = self.0.send(GroupHandle::index());
    }
}

#[test]
fn shutdown_drops_tasks_where_they_were() {
    let group = group(2);
    let (said, says) = mpsc::channel();
    for index in 0..2 {
        let farewell = Farewell(said.clone());
        let (ready, is_ready) = mpsc::channel();
        drop(group.spawn_on(index, async move {
            let _farewell = farewell;
            ready.send(()).unwrap();
            pending::<()>().await;
        }));
        is_ready.recv().unwrap();
    }
    drop(said);
    let report = group.shutdown(LONG);
    assert!(report.ended_well(), "{report}");
    let mut indices: Vec<_> = says.into_iter().collect();
    indices.sort_unstable();
    assert_eq!(indices, [Some(0), Some(1)]);
}

#[test]
fn shutdown_joins_the_threads() {
    thread_local! { static LAST: std::cell::RefCell<Option<Farewell>> = const { std::cell::RefCell::new(None) }; }
    let group = group(3);
    let (said, says) = mpsc::channel();
    group.run(move |_| {
        LAST.set(Some(Farewell(said.clone())));
        async {}
    });
    let report = group.shutdown(LONG);
    // Dropped when the threads end, and that is over.
    assert_eq!(says.try_iter().count(), 3);
    let threads: Vec<_> = report.loops().iter().map(|each| (each.index(), each.thread())).collect();
    assert_eq!(threads, [(0, "loop-0"), (1, "loop-1"), (2, "loop-2")]);
    assert!(report.into_loops().into_iter().all(|each| each.into_panic().is_none()));
}

#[test]
fn joins_of_what_a_shutdown_dropped_say_cancelled() {
    let group = group(1);
    let handles = group.group_handle().clone();
    let before = group.spawn(pending::<()>());
    group.shutdown(LONG);
    let after = handles.spawn(async { 1 });
    let local = handles.spawn_local_on(0, || async { 2 });
    let each = handles.spawn_on_each(|index| async move { index }).remove(0);
    assert!(handles.handle(0).is_closed());
    runtime::run(async {
        assert!(before.await.unwrap_err().is_cancelled());
        assert!(after.await.unwrap_err().is_cancelled());
        assert!(local.await.unwrap_err().is_cancelled());
        assert!(each.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn what_a_closed_loop_refuses_is_dropped_by_the_one_who_sent_it() {
    let group = group(1);
    let handles = group.group_handle().clone();
    group.shutdown(LONG);
    let log = DropLog::new();
    let witness = log.witness();
    drop(handles.spawn_local_on(0, move || async move { drop(witness) }));
    log.assert_dropped_here(1);
}

#[test]
fn shutdown_names_a_blocking_job_that_does_not_end() {
    let group = group(2);
    let (end, ends) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    let job = group.handle(1).spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = ends.recv();
    });
    starts.recv().unwrap();
    let report = group.shutdown(Duration::from_millis(20));
    drop((end, job));
    assert!(!report.ended_well());
    assert!(report.loops()[0].ended_well());
    let stuck = report.loops()[1].shutdown().unwrap().blocking().stuck();
    assert_eq!(stuck.len(), 1);
    assert!(stuck[0].location().file().ends_with("group_shutdown.rs"));
    let text = report.to_string();
    assert!(
        text.contains(
            "loop 1 on thread loop-1: stopped, 1 task(s) dropped, 1 blocking job left running"
        ),
        "{text}"
    );
}

#[test]
fn shutdown_waits_for_blocking_jobs_that_end() {
    let group = group(1);
    let (end, ends) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    drop(group.handle(0).spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = ends.recv();
    }));
    starts.recv().unwrap();
    // The job is let go by the end of a task, which comes with the shutdown.
    drop(group.spawn(async move {
        let _end = end;
        pending::<()>().await;
    }));
    let report = group.shutdown(LONG);
    assert!(report.ended_well(), "{report}");
}

#[test]
fn tasks_get_their_grace() {
    let group = group(2);
    let handles = group.group_handle().clone();
    let (end, ends) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    let task = group.spawn_on(0, async move {
        started.send(()).unwrap();
        let _ = ends.recv();
        // A few turns of a loop that has been told to stop.
        for _ in 0..100 {
            runtime::task::yield_now().await;
        }
        7
    });
    starts.recv().unwrap();
    let options = ShutdownOptions::new().task_grace(LONG).deadline(LONG);
    let shutdown = thread::spawn(move || group.shutdown(options));
    // The second, which has nothing to do, is told after the first.
    while !handles.handle(1).is_closed() {
        thread::yield_now();
    }
    drop(end);
    let report = shutdown.join().unwrap();
    assert!(report.loops().iter().all(|each| each.shutdown().unwrap().is_clean()), "{report}");
    assert_eq!(runtime::run(task).unwrap(), 7);
}

#[test]
fn tasks_that_are_dropped_are_listed_by_loop() {
    let group = group(2);
    let task = task::Builder::new().name("late").spawn_on(pending::<()>(), group.handle(1));
    let report = group.shutdown(LONG);
    assert!(report.ended_well(), "{report}");
    let loops = report.loops();
    assert!(loops[0].shutdown().unwrap().tasks().is_empty());
    let left = loops[1].shutdown().unwrap().tasks();
    assert_eq!((left.len(), left[0].name()), (1, Some("late")));
    assert!(runtime::run(task).unwrap_err().is_cancelled());
}

#[test]
fn shutdown_goes_on_without_a_loop_that_is_blocked() {
    let group = group(2);
    let (end, ends) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    let task = group.spawn_on(0, async move {
        started.send(()).unwrap();
        let _ = ends.recv();
    });
    starts.recv().unwrap();
    let report = group.shutdown(Duration::ZERO);
    let loops = report.loops();
    assert!(loops[0].is_running() && !loops[0].ended_well() && loops[0].shutdown().is_none());
    assert!(report.to_string().contains("loop 0 on thread loop-0: did not end in time"));
    // It ends by itself as soon as it can.
    drop(end);
    let _ = runtime::run(task);
}

#[test]
fn a_group_may_be_shut_down_by_one_of_its_tasks() {
    let group = group(2);
    let (sender, is_sent) = oneshot::channel::<LoopGroup>();
    let (reported, reports) = mpsc::channel();
    drop(group.spawn_on(0, async move {
        let group = is_sent.await.unwrap();
        reported.send(group.shutdown(LONG)).unwrap();
    }));
    assert!(sender.send(group).is_ok());
    let report = reports.recv().unwrap();
    assert!(report.loops()[0].is_running(), "it is running this very code: {report}");
    assert!(report.loops()[1].ended_well(), "{report}");
}

#[test]
fn dropping_a_group_ends_its_loops() {
    let group = group(2);
    let (said, says) = mpsc::channel();
    for index in 0..2 {
        let farewell = Farewell(said.clone());
        drop(group.spawn_on(index, async move {
            let _farewell = farewell;
            pending::<()>().await;
        }));
    }
    drop((group, said));
    assert_eq!(says.into_iter().count(), 2);
}

#[test]
fn dropping_a_group_waits_for_nothing() {
    let group = group(1);
    let (end, ends) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    let task = group.spawn(async move {
        started.send(()).unwrap();
        ends.recv().is_err()
    });
    starts.recv().unwrap();
    // The loop stands still until this is over.
    drop(group);
    drop(end);
    let _ = runtime::run(task);
}

#[test]
fn join_returns_when_every_loop_has_been_stopped() {
    let group = group(3);
    let handles = group.group_handle().clone();
    let stopper = thread::spawn(move || {
        // The first stops itself and the second, and another thread the third.
        let second = handles.handle(1).clone();
        drop(handles.spawn_on(0, async move {
            second.stop().unwrap();
            Handle::current().stop().unwrap();
        }));
        handles.handle(2).stop().unwrap();
    });
    let report = group.join();
    stopper.join().unwrap();
    assert!(report.ended_well(), "{report}");
}

#[test]
fn a_task_may_stop_the_group() {
    let group = group(3);
    drop(group.spawn_on(1, async { GroupHandle::try_current().unwrap().stop() }));
    let report = group.join();
    assert!(report.ended_well(), "{report}");
}

#[test]
fn a_loop_that_is_stopped_ends_and_the_others_go_on() {
    let group = group(2);
    let task = group.spawn_on(0, pending::<()>());
    group.handle(0).stop().unwrap();
    assert!(runtime::run(task).unwrap_err().is_cancelled());
    assert_eq!(runtime::run(group.spawn_on(1, async { 1 })).unwrap(), 1);
    assert!(group.shutdown(LONG).ended_well());
}
