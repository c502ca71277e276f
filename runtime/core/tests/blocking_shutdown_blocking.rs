//! `shutdown_blocking` ends a loop's blocking jobs and leaves the loop open.

use std::io;
use std::rc::Rc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use runtime::blocking::{Executor, Job, PoolConfig};
use runtime::task::JoinHandle;
use runtime::{Builder, Runtime};

#[track_caller]
fn hold(rt: &Runtime) -> (Sender<()>, JoinHandle<&'static str>) {
    let (release, released) = channel::<()>();
    let (started, starts) = channel();
    let job = rt.spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = released.recv();
        "done"
    });
    starts.recv().unwrap();
    (release, job)
}

#[track_caller]
fn assert_refused(rt: &Runtime) {
    let job = rt.spawn_blocking(|| -> () { unreachable!("the executor has been shut down") });
    let error = rt.block_on(job).unwrap_err();
    assert!(!error.is_cancelled() && !error.is_panic());
    assert!(error.to_string().contains("has been shut down"), "{error}");
}

#[test]
fn afterwards_a_job_is_an_error_that_says_so_and_tasks_go_on() {
    let rt = Runtime::new().unwrap();
    assert!(rt.shutdown_blocking(None).is_clean());
    assert_refused(&rt);
    assert_eq!(rt.block_on(rt.spawn(async { 42 })).unwrap(), 42);
}

#[test]
fn it_waits_for_jobs_that_run_and_their_joins_yield() {
    let rt = Runtime::new().unwrap();
    let (release, job) = hold(&rt);
    let releaser = thread::spawn(move || drop(release));
    assert!(rt.shutdown_blocking(None).is_clean());
    releaser.join().unwrap();
    assert_eq!(rt.block_on(job).unwrap(), "done");
}

#[test]
fn it_drops_jobs_that_have_not_begun() {
    let rt = Builder::new().max_blocking_threads(1).build().unwrap();
    let (release, _held) = hold(&rt);
    let queued = rt.spawn_blocking(|| -> () { unreachable!("cancelled") });
    let report = rt.shutdown_blocking(Some(Duration::ZERO));
    assert_eq!(report.dropped(), 1);
    assert!(rt.block_on(queued).unwrap_err().is_cancelled());
    drop(release);
}

#[test]
fn it_ends_on_its_deadline_names_the_stuck_job_and_may_be_asked_again() {
    let rt = Builder::new().thread_name("disk").build().unwrap();
    let line = line!() + 1;
    let (release, job) = hold(&rt);
    let deadline = Duration::from_millis(20);
    let start = Instant::now();
    let report = rt.shutdown_blocking(Some(deadline));
    assert!(start.elapsed() >= deadline);
    let [stuck] = report.stuck() else { panic!("{report}") };
    assert_eq!((stuck.location().file(), stuck.location().line()), (file!(), line));
    assert_eq!(stuck.thread(), "disk-0");
    drop(release);
    assert!(rt.shutdown_blocking(None).is_clean());
    assert_eq!(rt.block_on(job).unwrap(), "done", "late, and all the same");
}

#[test]
fn what_it_left_behind_is_in_the_report_of_the_close_too() {
    let rt = Runtime::new().unwrap();
    let (release, _job) = hold(&rt);
    assert_eq!(rt.shutdown_blocking(Some(Duration::ZERO)).stuck().len(), 1);
    assert_eq!(rt.shutdown_timeout(Duration::ZERO).blocking().stuck().len(), 1);
    drop(release);
}

#[test]
fn a_closed_loop_can_still_be_asked_to_wait() {
    let rt = Runtime::new().unwrap();
    let (release, _job) = hold(&rt);
    rt.close().unwrap();
    assert_eq!(rt.shutdown_blocking(Some(Duration::ZERO)).stuck().len(), 1);
    drop(release);
    assert!(rt.shutdown_blocking(None).is_clean());
}

#[test]
fn inside_of_the_loop_it_blocks_the_thread_and_the_loop_goes_on_after_it() {
    let rt = Rc::new(Runtime::new().unwrap());
    let inside = rt.clone();
    rt.block_on(async move {
        let job = runtime::spawn_blocking(|| "done");
        let report = inside.shutdown_blocking(None);
        assert!(report.is_clean());
        // Whether it had begun by then is up to the threads.
        match job.await {
            Ok(value) => assert_eq!((value, report.dropped()), ("done", 0)),
            Err(error) => assert!(error.is_cancelled() && report.dropped() == 1),
        }
    });
    assert_refused(&rt);
}

#[test]
fn another_executor_is_not_affected() {
    let pool = PoolConfig::new().build();
    let rt = Runtime::new().unwrap();
    rt.shutdown_blocking(None);
    assert_eq!(rt.block_on(rt.handle().run_in(&pool, || 42)).unwrap(), 42);
}

/// Knows no shutdown.
struct ThreadEach;

impl Executor for ThreadEach {
    fn execute(&self, job: Job) -> io::Result<()> {
        thread::Builder::new().spawn(move || job.run()).map(drop)
    }
}

#[test]
fn an_executor_that_goes_on_gets_no_more_jobs_either() {
    let rt = Builder::new().blocking_executor(ThreadEach).build().unwrap();
    assert_eq!(rt.block_on(rt.spawn_blocking(|| 42)).unwrap(), 42);
    assert!(rt.shutdown_blocking(None).is_clean());
    assert_refused(&rt);
}

#[test]
fn an_executor_behind_an_arc_is_shut_down() {
    let pool = std::sync::Arc::new(PoolConfig::new().build());
    let rt = Builder::new().blocking_executor(pool.clone()).build().unwrap();
    assert_eq!(rt.block_on(rt.spawn_blocking(|| 42)).unwrap(), 42);
    assert!(rt.shutdown_blocking(None).is_clean());
    assert_eq!(pool.threads(), 0);
}
