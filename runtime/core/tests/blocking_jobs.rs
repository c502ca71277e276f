//! A blocking job runs once on another thread, or its join says why not; the loop goes on meanwhile.

use std::cell::Cell;
use std::error::Error;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Weak};
use std::thread;

use futures::future::join_all;
use runtime::task::{JoinHandle, yield_now};
use runtime::{Builder, Handle, Runtime};

/// Starts a job that lasts until the returned end of the channel is dropped.
fn hold(rt: &Runtime) -> (Sender<()>, JoinHandle<()>) {
    let (release, released) = channel::<()>();
    let (started, starts) = channel();
    let job = rt.spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = released.recv();
    });
    starts.recv().unwrap();
    (release, job)
}

fn one_thread() -> Runtime {
    Builder::new().max_blocking_threads(1).build().unwrap()
}

#[test]
fn a_job_runs_on_another_thread_and_its_value_comes_back() {
    runtime::run(async {
        let here = thread::current().id();
        let there = runtime::spawn_blocking(|| thread::current().id()).await.unwrap();
        assert_ne!(here, there);
    });
}

#[test]
fn the_loop_runs_other_tasks_while_a_job_blocks() {
    runtime::run(async {
        let (release, released) = channel();
        let job = runtime::spawn_blocking(move || released.recv());
        let turns = Rc::new(Cell::new(0));
        let counter = turns.clone();
        let other = runtime::spawn(async move {
            for _ in 0..1000 {
                yield_now().await;
                counter.set(counter.get() + 1);
            }
            release.send("done").unwrap();
        });
        assert_eq!(job.await.unwrap(), Ok("done"));
        other.await.unwrap();
        assert_eq!(turns.get(), 1000);
    });
}

#[test]
fn ten_thousand_jobs_all_run_on_two_threads() {
    let rt = Builder::new().max_blocking_threads(2).build().unwrap();
    rt.block_on(async {
        let jobs = (0..10_000_u64).map(|n| runtime::spawn_blocking(move || n));
        let values = join_all(jobs.collect::<Vec<_>>()).await;
        assert_eq!(values.into_iter().map(Result::unwrap).sum::<u64>(), 49_995_000);
    });
}

#[test]
fn a_panic_becomes_the_join_s_error_and_costs_no_thread() {
    let rt = one_thread();
    rt.block_on(async {
        let before = runtime::spawn_blocking(|| thread::current().id()).await.unwrap();
        let job = runtime::spawn_blocking(|| std::panic::resume_unwind(Box::new("on purpose")));
        let error: runtime::task::JoinError = job.await.map(|(): ()| ()).unwrap_err();
        assert!(error.is_panic() && !error.is_cancelled());
        assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "on purpose");
        let after = runtime::spawn_blocking(|| thread::current().id()).await.unwrap();
        assert_eq!(before, after);
    });
}

#[test]
fn a_job_whose_handle_is_dropped_runs_all_the_same() {
    let (ran, runs) = channel();
    runtime::run(async {
        drop(runtime::spawn_blocking(move || ran.send(thread::current().id()).unwrap()));
        let seen = runtime::spawn_blocking(move || runs.recv().unwrap()).await.unwrap();
        assert_ne!(seen, thread::current().id());
    });
}

#[test]
fn aborting_a_queued_job_drops_it_unrun() {
    let rt = one_thread();
    let (release, held) = hold(&rt);
    let inside = Arc::new(());
    let watch: Weak<()> = Arc::downgrade(&inside);
    let queued = rt.spawn_blocking(move || -> () { unreachable!("aborted, with {inside:?}") });
    queued.abort();
    rt.block_on(async {
        assert!(queued.await.unwrap_err().is_cancelled());
        assert!(watch.upgrade().is_none(), "dropped at once, with its thread still busy");
        drop(release);
        held.await.unwrap();
        assert_eq!(runtime::spawn_blocking(|| 42).await.unwrap(), 42);
    });
}

#[test]
fn aborting_a_running_job_ends_the_wait_and_not_the_job() {
    let rt = one_thread();
    let (ran, runs) = channel();
    let (release, released) = channel::<()>();
    let (started, starts) = channel();
    let job = rt.spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = released.recv();
        ran.send(()).unwrap();
    });
    starts.recv().unwrap();
    job.abort();
    rt.block_on(async { assert!(job.await.unwrap_err().is_cancelled()) });
    drop(release);
    runs.recv().expect("the job ran to its end");
}

#[test]
fn a_thread_that_can_not_be_started_is_the_join_s_error() {
    // More stack than the address space has.
    let rt = Builder::new().thread_stack_size(1 << 60).build().unwrap();
    let error = rt.block_on(async { runtime::spawn_blocking(|| ()).await }).unwrap_err();
    assert!(!error.is_panic());
    let cause = error.source().expect("the system's error").downcast_ref::<io::Error>();
    assert!(cause.is_some(), "{error}");
}

#[test]
fn any_thread_may_spawn_a_job_by_handle() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let spawner = thread::spawn(move || handle.spawn_blocking(|| 42));
    let job = spawner.join().unwrap();
    assert_eq!(rt.block_on(job).unwrap(), 42);
}

#[test]
fn a_job_may_spawn_jobs_and_tasks_by_handle() {
    runtime::run(async {
        let handle = Handle::current();
        let outer = runtime::spawn_blocking(move || {
            (handle.spawn_blocking(|| 20), handle.spawn(async { 22 }))
        });
        let (job, task) = outer.await.unwrap();
        assert_eq!(job.await.unwrap() + task.await.unwrap(), 42);
    });
}

#[test]
fn a_job_is_not_inside_the_loop() {
    runtime::run(async {
        let outside = runtime::spawn_blocking(|| Handle::try_current().is_err()).await.unwrap();
        assert!(outside);
    });
}

#[test]
fn one_job_after_the_other_stays_on_one_thread() {
    let threads = Arc::new(AtomicUsize::new(0));
    let counter = threads.clone();
    runtime::run(async move {
        thread_local!(static SEEN: Cell<bool> = const { Cell::new(false) });
        for _ in 0..1000 {
            let threads = threads.clone();
            let count = move || {
                if !SEEN.replace(true) {
                    threads.fetch_add(1, Ordering::Relaxed);
                }
            };
            runtime::spawn_blocking(count).await.unwrap();
        }
    });
    assert_eq!(counter.load(Ordering::Relaxed), 1);
}
