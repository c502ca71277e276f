//! Closing a loop ends on its deadline, whatever its blocking jobs do, and names those that are left.

use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use runtime::task::JoinHandle;
use runtime::{Builder, Runtime};

#[track_caller]
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

#[test]
fn a_stuck_job_is_named_when_the_deadline_has_passed() {
    let rt = Builder::new().thread_name("disk").build().unwrap();
    let line = line!() + 1;
    let (_release, job) = hold(&rt);
    let deadline = Duration::from_millis(20);
    let start = Instant::now();
    let report = rt.shutdown_timeout(deadline);
    assert!(start.elapsed() >= deadline);
    let [stuck] = report.blocking().stuck() else { panic!("{}", report.blocking()) };
    assert_eq!((stuck.location().file(), stuck.location().line()), (file!(), line));
    assert_eq!(stuck.thread(), "disk-0");
    // Its task was dropped with the loop.
    let joined = Runtime::new().unwrap().block_on(job);
    assert!(joined.unwrap_err().is_cancelled());
}

#[test]
fn a_job_that_ends_in_time_is_waited_for() {
    let rt = Runtime::new().unwrap();
    let (release, _job) = hold(&rt);
    drop(release);
    // An hour: the test hangs if nobody notices the end of the job.
    assert!(rt.shutdown_timeout(Duration::from_secs(3600)).blocking().is_clean());
}

#[test]
fn jobs_not_started_are_cancelled() {
    let rt = Builder::new().max_blocking_threads(1).build().unwrap();
    let (release, _held) = hold(&rt);
    let queued = rt.spawn_blocking(|| -> () { unreachable!("cancelled") });
    rt.close().unwrap();
    let joined = Runtime::new().unwrap().block_on(queued);
    assert!(joined.unwrap_err().is_cancelled());
    drop(release);
}

#[test]
fn dropping_a_runtime_does_not_wait_for_its_jobs() {
    let rt = Runtime::new().unwrap();
    let (release, _job) = hold(&rt);
    drop(rt);
    // Only now may the job end.
    drop(release);
}

#[test]
fn a_job_spawned_on_a_closed_loop_is_cancelled() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    rt.close().unwrap();
    let job = handle.spawn_blocking(|| -> () { unreachable!("the loop is closed") });
    let joined = Runtime::new().unwrap().block_on(job);
    assert!(joined.unwrap_err().is_cancelled());
}
