//! `shutdown` gives tasks and jobs the time that it was told to, drops the rest on the loop's thread, and
//! names what it left behind.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use runtime::callback::call_later;
use runtime::task::{self, JoinHandle, yield_now};
use runtime::time::sleep;
use runtime::{Runtime, ShutdownOptions};
use support::{DropLog, OnDrop};

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn tasks_left_behind_are_named_in_their_order() {
    let rt = Runtime::new().unwrap();
    let drops = DropLog::new();
    let tasks: Vec<_> = ["first", "second"]
        .into_iter()
        .map(|name| {
            let _entered = rt.enter();
            let witness = drops.local_witness();
            task::Builder::new().name(name).spawn(async move {
                let _witness = witness;
                pending::<()>().await;
            })
        })
        .collect();
    let line = line!() + 1;
    drop(rt.spawn(pending::<()>()));
    rt.block_on(rt.spawn(yield_now())).unwrap();
    rt.call_later(LONG, || ());

    let report = rt.shutdown(Duration::ZERO);
    drops.assert_dropped_here(2);
    assert!(!report.is_clean());
    let names: Vec<_> = report.tasks().iter().map(|task| task.name()).collect();
    assert_eq!(names, [Some("first"), Some("second"), None]);
    assert_eq!(report.tasks()[2].location().line(), line);
    let text = report.to_string();
    assert!(text.contains("3 tasks") && text.contains("second"), "{text}");
    for task in tasks {
        assert!(block_on(task).unwrap_err().is_cancelled());
    }
}

#[test]
fn a_loop_that_has_nothing_left_is_clean() {
    let rt = Runtime::new().unwrap();
    rt.block_on(rt.spawn(yield_now())).unwrap();
    let report = rt.shutdown(ShutdownOptions::new().task_grace(LONG).deadline(LONG));
    assert!(report.is_clean());
    assert!(report.tasks().is_empty() && report.blocking().is_clean());
    assert!(rt.is_closed());
}

#[test]
fn grace_lets_tasks_timers_and_jobs_finish_and_ends_when_they_have() {
    let rt = Runtime::new().unwrap();
    let steps = Rc::new(Cell::new(0));
    let counted = steps.clone();
    let task = rt.spawn(async move {
        sleep(Duration::from_millis(1)).await;
        let (sender, receiver) = futures::channel::oneshot::channel();
        call_later(Duration::from_millis(1), move || sender.send(()).unwrap());
        receiver.await.unwrap();
        task::spawn_blocking(|| ()).await.unwrap();
        runtime::spawn(yield_now()).await.unwrap();
        counted.set(1);
    });
    // The test hangs if the whole grace is waited for.
    let report = rt.shutdown(ShutdownOptions::new().task_grace(LONG));
    assert!(report.is_clean(), "{report}");
    assert_eq!(steps.get(), 1);
    assert!(block_on(task).is_ok());
}

#[test]
fn when_the_grace_is_over_the_rest_is_dropped() {
    let rt = Runtime::new().unwrap();
    let (quick, slow) = (rt.spawn(yield_now()), rt.spawn(pending::<()>()));
    let busy: JoinHandle<()> = rt.spawn(async {
        loop {
            yield_now().await;
        }
    });
    let grace = Duration::from_millis(10);
    let begin = Instant::now();
    let report = rt.shutdown(ShutdownOptions::new().task_grace(grace));
    assert!(begin.elapsed() >= grace);
    assert_eq!(report.tasks().len(), 2);
    assert!(block_on(quick).is_ok());
    assert!(block_on(slow).unwrap_err().is_cancelled());
    assert!(block_on(busy).unwrap_err().is_cancelled());
}

#[test]
fn the_deadline_limits_the_grace() {
    let rt = Runtime::new().unwrap();
    drop(rt.spawn(pending::<()>()));
    let options = ShutdownOptions::new().task_grace(LONG).deadline(Duration::from_millis(5));
    assert_eq!(rt.shutdown(options).tasks().len(), 1);
}

#[test]
fn a_stuck_job_ends_it_on_the_deadline_and_is_named() {
    let rt = Runtime::builder().thread_name("disk").build().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    let job = {
        let _entered = rt.enter();
        task::Builder::new().name("copy").spawn_blocking(move || {
            started.send(()).unwrap();
            let _ = released.recv();
        })
    };
    starts.recv().unwrap();
    let deadline = Duration::from_millis(20);
    let begin = Instant::now();
    let report = rt.shutdown(ShutdownOptions::new().deadline(deadline));
    assert!(begin.elapsed() >= deadline);
    let [stuck] = report.blocking().stuck() else { panic!("{report}") };
    assert_eq!((stuck.name(), stuck.thread()), (Some("copy"), "disk-0"));
    assert!(!report.is_clean());
    assert!(report.to_string().contains("copy"), "{report}");
    // The job itself goes on, its join does not.
    assert!(block_on(job).unwrap_err().is_cancelled());
    drop(release);
}

#[test]
fn what_is_spawned_meanwhile_is_dropped_and_its_join_says_cancelled() {
    let rt = Runtime::new().unwrap();
    let drops = DropLog::new();
    let (joins, joined) = mpsc::channel();
    let witness = drops.local_witness();
    let late = OnDrop(move || {
        joins.send(runtime::spawn(async { unreachable!("polled") })).unwrap();
    });
    drop(rt.spawn(async move {
        let _kept = (&witness, &late);
        pending::<()>().await;
    }));
    let report = rt.shutdown(LONG);
    drops.assert_dropped_here(1);
    assert_eq!(report.tasks().len(), 1);
    let join: JoinHandle<()> = joined.try_recv().unwrap();
    assert!(join.is_finished());
    assert!(block_on(join).unwrap_err().is_cancelled());
}

#[test]
fn a_stop_does_not_cut_the_grace_short() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(async {
        runtime::Handle::current().stop().unwrap();
        sleep(Duration::from_millis(2)).await;
    });
    rt.stop();
    assert!(rt.shutdown(ShutdownOptions::new().task_grace(LONG)).is_clean());
    assert!(block_on(task).is_ok());
}

#[test]
fn other_threads_may_finish_a_task_during_the_grace() {
    let rt = Runtime::new().unwrap();
    let (sender, receiver) = futures::channel::oneshot::channel();
    let task = rt.spawn(receiver);
    let (turning, turns) = mpsc::channel();
    rt.call_soon(move || turning.send(()).unwrap());
    let other = thread::spawn(move || {
        turns.recv().unwrap();
        sender.send("in time").unwrap();
    });
    assert!(rt.shutdown(ShutdownOptions::new().task_grace(LONG)).is_clean());
    other.join().unwrap();
    assert_eq!(block_on(task).unwrap(), Ok("in time"));
}

#[test]
fn a_loop_may_be_shut_down_inside_of_another() {
    let (outer, inner) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let task = inner.spawn(sleep(Duration::from_millis(1)));
    outer.block_on(async {
        let report = inner.shutdown(ShutdownOptions::new().task_grace(LONG));
        assert!(report.is_clean());
        assert_eq!(runtime::spawn(async { 1 }).await.unwrap(), 1);
    });
    assert!(task.is_finished());
}
