//! A running job learns that nobody wants its outcome any more, and can end early.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use runtime::blocking::{CancellationToken, Executor, Job, PoolConfig};
use runtime::task::{AbortOnDropHandle, JoinHandle};
use runtime::{Builder, Runtime};

mod support;

/// Longer than any test takes: what waits for so long hangs.
const LONG: Duration = Duration::from_secs(3600);

/// A job that runs until it is asked to end, and tells of that.
struct Heedful {
    job: JoinHandle<&'static str>,
    told: Receiver<bool>,
}

#[track_caller]
fn heedful(rt: &Runtime) -> Heedful {
    let (started, starts) = channel();
    let (tell, told) = channel();
    let job = rt.spawn_blocking(move || heed(started, tell));
    starts.recv().unwrap();
    Heedful { job, told }
}

fn heed(started: Sender<()>, tell: Sender<bool>) -> &'static str {
    let token = CancellationToken::current();
    started.send(()).unwrap();
    let told = token.cancelled_within(LONG);
    // Some tests do not want to know.
    let _ = tell.send(told && token.is_cancelled());
    "ended early"
}

#[test]
fn an_abort_asks_a_running_job_to_end() {
    let rt = Runtime::new().unwrap();
    let Heedful { job, told } = heedful(&rt);
    job.abort();
    assert!(rt.block_on(job).unwrap_err().is_cancelled());
    assert!(told.recv().unwrap());
}

#[test]
fn dropping_an_aborting_handle_asks_it_to_end() {
    let rt = Runtime::new().unwrap();
    let Heedful { job, told } = heedful(&rt);
    drop(AbortOnDropHandle::new(job));
    rt.block_on(async { runtime::task::yield_now().await });
    assert!(told.recv().unwrap());
}

#[test]
fn dropping_the_handle_of_a_job_leaves_it_alone() {
    let rt = Runtime::new().unwrap();
    let (started, starts) = channel();
    let (release, released) = channel::<()>();
    let (tell, told) = channel();
    let job = rt.spawn_blocking(move || {
        let token = CancellationToken::current();
        started.send(()).unwrap();
        let _ = released.recv();
        tell.send(token.is_cancelled()).unwrap();
    });
    starts.recv().unwrap();
    drop(job);
    rt.block_on(async { runtime::task::yield_now().await });
    drop(release);
    assert!(!told.recv().unwrap());
}

#[test]
fn closing_the_loop_asks_its_jobs_to_end() {
    let rt = Runtime::new().unwrap();
    let Heedful { job, told } = heedful(&rt);
    drop(job);
    drop(rt);
    assert!(told.recv().unwrap());
}

#[test]
fn a_job_that_heeds_its_token_is_not_reported_as_stuck() {
    let rt = Runtime::new().unwrap();
    let Heedful { told, .. } = heedful(&rt);
    let report = rt.shutdown_timeout(LONG);
    assert!(report.blocking().is_clean(), "{}", report.blocking());
    assert!(told.recv().unwrap());
}

#[test]
fn shutting_the_executor_down_asks_jobs_to_end_and_delivers_what_they_return() {
    let rt = Runtime::new().unwrap();
    let Heedful { job, told } = heedful(&rt);
    assert!(rt.shutdown_blocking(None).is_clean());
    assert!(told.recv().unwrap());
    assert_eq!(rt.block_on(job).unwrap(), "ended early");
}

#[test]
fn dropping_a_pool_asks_the_jobs_of_any_loop_to_end() {
    let pool = PoolConfig::new().build();
    let rt = Runtime::new().unwrap();
    let (started, starts) = channel();
    let (tell, told) = channel();
    let job = rt.handle().run_in(&pool, move || heed(started, tell));
    starts.recv().unwrap();
    drop(pool);
    assert!(told.recv().unwrap());
    assert_eq!(rt.block_on(job).unwrap(), "ended early");
}

#[test]
fn the_token_of_a_job_whose_outcome_was_taken_is_never_set() {
    let rt = Runtime::new().unwrap();
    let job = rt.spawn_blocking(CancellationToken::current);
    let token = rt.block_on(job).unwrap();
    rt.close().unwrap();
    assert!(!token.is_cancelled());
}

#[test]
fn an_outcome_that_nobody_took_sets_the_token_for_helpers_of_the_job() {
    let rt = Runtime::new().unwrap();
    let (send, tokens) = channel();
    let job = rt.spawn_blocking(move || send.send(CancellationToken::current()).unwrap());
    let token = tokens.recv().unwrap();
    assert!(!token.is_cancelled());
    rt.close().unwrap();
    assert!(token.is_cancelled());
    drop(job);
}

#[test]
fn a_wait_that_ends_by_itself_says_so() {
    let rt = Runtime::new().unwrap();
    let job = rt.spawn_blocking(|| CancellationToken::current().cancelled_within(Duration::ZERO));
    assert!(!rt.block_on(job).unwrap());
}

#[test]
fn a_wait_without_end_is_ended_by_a_helper() {
    let rt = Runtime::new().unwrap();
    let (send, tokens) = channel::<CancellationToken>();
    let helper = std::thread::spawn(move || tokens.recv().unwrap().cancel());
    let job = rt.spawn_blocking(move || {
        let token = CancellationToken::current();
        send.send(token.clone()).unwrap();
        token.cancelled_within(Duration::MAX)
    });
    assert!(rt.block_on(job).unwrap(), "its join is as if nothing had happened");
    helper.join().unwrap();
}

#[test]
fn there_is_no_token_outside_of_a_job() {
    assert!(CancellationToken::try_current().is_none());
    let message = support::panic_message(CancellationToken::current);
    assert!(message.contains("inside of the function"), "{message}");
}

/// Runs each job on the spot, as an executor must not, and as a thread does that helps with others' jobs
/// while it waits.
struct Inline;

impl Executor for Inline {
    fn execute(&self, job: Job) -> std::io::Result<()> {
        job.run();
        Ok(())
    }
}

#[test]
fn a_job_run_in_the_middle_of_another_has_a_token_of_its_own() {
    let rt = Builder::new().blocking_executor(Inline).build().unwrap();
    let handle = rt.handle().clone();
    let outer = rt.spawn_blocking(move || {
        let token = CancellationToken::current();
        let inner = handle.spawn_blocking(|| {
            CancellationToken::current().cancel();
            CancellationToken::current().is_cancelled()
        });
        (token.is_cancelled(), CancellationToken::current().is_cancelled(), inner)
    });
    let (before, after, inner) = rt.block_on(outer).unwrap();
    assert_eq!((before, after), (false, false));
    assert!(rt.block_on(inner).unwrap());
    assert!(CancellationToken::try_current().is_none());
}

#[test]
fn a_panicking_job_leaves_no_token_behind() {
    let rt = Builder::new().blocking_executor(Inline).build().unwrap();
    let job = rt.spawn_blocking(|| std::panic::resume_unwind(Box::new("on purpose")));
    let _: runtime::task::JoinError = rt.block_on(job).map(|(): ()| ()).unwrap_err();
    assert!(CancellationToken::try_current().is_none());
}

#[test]
fn tokens_go_anywhere() {
    fn check<T: Send + Sync + Unpin + Clone + 'static>() {}
    check::<CancellationToken>();
}

/// Runs each job on a thread of its own, and asks all of them to end when it is shut down.
#[derive(Default)]
struct Kind(parking_lot::Mutex<Vec<CancellationToken>>);

impl Executor for Kind {
    fn execute(&self, job: Job) -> std::io::Result<()> {
        self.0.lock().push(job.cancellation_token());
        std::thread::Builder::new().spawn(move || job.run()).map(drop)
    }

    fn shutdown(&self, _deadline: Option<Duration>) -> runtime::blocking::Report {
        self.0.lock().iter().for_each(CancellationToken::cancel);
        runtime::blocking::Report::default()
    }
}

#[test]
fn an_executor_of_one_s_own_can_ask_its_jobs_to_end() {
    let rt = Builder::new().blocking_executor(Kind::default()).build().unwrap();
    let Heedful { job, told } = heedful(&rt);
    rt.shutdown_blocking(None);
    assert!(told.recv().unwrap());
    assert_eq!(rt.block_on(job).unwrap(), "ended early");
}
