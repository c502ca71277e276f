//! A blocking job runs on the executor that its caller names, and is joined like any other.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use runtime::blocking::{Executor, Job, PoolConfig};
use runtime::{Builder, Runtime, task};

mod support;

fn thread_name() -> Option<String> {
    thread::current().name().map(String::from)
}

#[test]
fn each_job_runs_on_the_executor_it_was_given() {
    let disk = PoolConfig::new().thread_name("disk").build();
    let sound: Arc<dyn Executor> = Arc::new(PoolConfig::new().thread_name("sound").build());
    runtime::run(async {
        let name = task::run_in(&disk, thread_name).await.unwrap();
        assert_eq!(name.as_deref(), Some("disk-0"));
        let name = task::run_in(&sound, thread_name).await.unwrap();
        assert_eq!(name.as_deref(), Some("sound-0"), "by reference to the pointer");
        let name = task::run_in(&*sound, thread_name).await.unwrap();
        assert_eq!(name.as_deref(), Some("sound-0"), "and to the trait object");
        let name = runtime::spawn_blocking(thread_name).await.unwrap();
        assert_eq!(name.as_deref(), Some("blocking-0"), "the loop's own is as it was");
    });
}

#[test]
fn one_executor_serves_several_loops_and_outlives_them() {
    let pool = PoolConfig::new().max_threads(1).build();
    for _ in 0..3 {
        let rt = Runtime::new().unwrap();
        let job = rt.handle().run_in(&pool, thread_name);
        assert_eq!(rt.block_on(job).unwrap().as_deref(), Some("blocking-0"));
    }
    assert_eq!(pool.threads(), 1);
}

#[test]
fn any_thread_may_run_a_job_by_handle() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let pool = PoolConfig::new().thread_name("disk").build();
    let job =
        thread::scope(|scope| scope.spawn(|| handle.run_in(&pool, thread_name)).join().unwrap());
    assert_eq!(rt.block_on(job).unwrap().as_deref(), Some("disk-0"));
}

/// Keeps jobs until the test takes them.
#[derive(Default)]
struct Shelf(Mutex<Vec<Job>>);

impl Executor for Shelf {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.0.lock().push(job);
        Ok(())
    }
}

#[test]
fn the_executor_knows_name_and_place_of_a_job_and_so_does_the_handle() {
    let shelf = Shelf::default();
    let rt = Runtime::new().unwrap();
    let line = line!() + 1;
    let handle = rt.block_on(async { task::Builder::new().name("tidy").run_in(&shelf, || 42) });
    let plain = rt.handle().run_in(&shelf, || ());
    let [named, unnamed] = <[Job; 2]>::try_from(std::mem::take(&mut *shelf.0.lock())).unwrap();
    assert_eq!((named.name(), unnamed.name()), (Some("tidy"), None));
    assert_eq!(named.location().line(), line);
    assert_eq!((handle.name(), handle.location().line()), (Some("tidy"), line));
    assert_eq!(unnamed.location(), plain.location());
    named.run();
    assert_eq!(rt.block_on(handle).unwrap(), 42);
}

#[test]
fn aborting_the_join_drops_a_job_that_has_not_begun() {
    let shelf = Shelf::default();
    let rt = Runtime::new().unwrap();
    let inside = Arc::new(());
    let watch = Arc::downgrade(&inside);
    let job =
        rt.handle().run_in(&shelf, move || -> () { unreachable!("aborted, with {inside:?}") });
    job.abort();
    assert!(rt.block_on(job).unwrap_err().is_cancelled());
    assert!(watch.upgrade().is_none());
    let job = shelf.0.lock().pop().unwrap();
    assert!(job.is_cancelled());
    job.run();
}

/// Takes nothing.
struct Refuses;

impl Executor for Refuses {
    fn execute(&self, _job: Job) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::QuotaExceeded, "too many jobs today"))
    }
}

#[test]
fn a_refusal_reaches_the_join() {
    runtime::run(async {
        let error = task::run_in(&Refuses, || ()).await.unwrap_err();
        assert!(!error.is_panic() && !error.is_cancelled());
        assert!(error.to_string().contains("too many jobs today"), "{error}");
    });
}

#[test]
fn a_panic_is_the_join_s_error() {
    let pool = PoolConfig::new().build();
    runtime::run(async {
        let job = task::run_in(&pool, || std::panic::resume_unwind(Box::new("on purpose")));
        assert!(job.await.map(|(): ()| ()).unwrap_err().is_panic());
    });
}

#[test]
fn virtual_time_stands_still_for_the_job() {
    let pool = PoolConfig::new().build();
    let rt = Builder::new().start_paused(true).build().unwrap();
    rt.block_on(async {
        let (release, released) = channel::<()>();
        let job = task::run_in(&pool, move || {
            // Lasts until the loop has had every chance to jump to the timeout.
            let _ = released.recv();
            42
        });
        let hour = Duration::from_secs(3600);
        let waiting = runtime::spawn(runtime::time::timeout(hour, job));
        for _ in 0..100 {
            task::yield_now().await;
        }
        drop(release);
        assert_eq!(waiting.await.unwrap().expect("the clock stood still").unwrap(), 42);
    });
}

#[test]
fn outside_of_a_loop_the_panic_names_the_remedy() {
    let pool = PoolConfig::new().build();
    let message = support::panic_message(|| task::run_in(&pool, || ()));
    assert!(message.contains("there is no reactor running"), "{message}");
}

#[test]
fn on_a_closed_loop_the_join_says_cancelled() {
    let shelf = Shelf::default();
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    rt.close().unwrap();
    let job = handle.run_in(&shelf, || -> () { unreachable!("nobody waits") });
    shelf.0.lock().pop().unwrap().run();
    assert!(futures::executor::block_on(job).unwrap_err().is_cancelled());
}
