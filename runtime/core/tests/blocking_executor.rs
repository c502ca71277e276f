//! Another executor can take the pool's place, and none can hang a join.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use runtime::blocking::{Executor, Job, Pool, PoolConfig, Report};
use runtime::{Builder, Runtime};

fn with(executor: impl Executor) -> Runtime {
    Builder::new().blocking_executor(executor).build().unwrap()
}

struct OneThread(Sender<Job>);

impl OneThread {
    fn start() -> OneThread {
        let (jobs, queue) = channel::<Job>();
        let work = move || queue.into_iter().for_each(Job::run);
        thread::Builder::new().name("the-only-one".into()).spawn(work).unwrap();
        OneThread(jobs)
    }
}

impl Executor for OneThread {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.0.send(job).map_err(|_| io::Error::other("the thread is gone"))
    }
}

#[test]
fn jobs_run_where_the_executor_says() {
    with(OneThread::start()).block_on(async {
        let name = runtime::spawn_blocking(|| thread::current().name().map(String::from)).await;
        assert_eq!(name.unwrap().as_deref(), Some("the-only-one"));
    });
}

/// Drops every job.
struct Loses;

impl Executor for Loses {
    fn execute(&self, job: Job) -> io::Result<()> {
        drop(job);
        Ok(())
    }
}

#[test]
fn a_job_that_the_executor_drops_is_cancelled() {
    with(Loses).block_on(async {
        let error = runtime::spawn_blocking(|| ()).await.unwrap_err();
        assert!(error.is_cancelled());
    });
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
    with(Refuses).block_on(async {
        let error = runtime::spawn_blocking(|| ()).await.unwrap_err();
        assert!(!error.is_panic());
        assert!(error.to_string().contains("too many jobs today"), "{error}");
    });
}

/// Keeps jobs until the test takes them.
#[derive(Clone, Default)]
struct Shelf {
    jobs: Arc<Mutex<Vec<Job>>>,
    shutdowns: Arc<AtomicUsize>,
}

impl Executor for Shelf {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.jobs.lock().push(job);
        Ok(())
    }

    fn shutdown(&self, _deadline: Option<Duration>) -> Report {
        self.shutdowns.fetch_add(1, Ordering::Relaxed);
        Report::default()
    }
}

#[test]
fn closing_the_loop_shuts_its_executor_down_once() {
    let shelf = Shelf::default();
    let rt = with(shelf.clone());
    let _job = rt.spawn_blocking(|| ());
    rt.close().unwrap();
    drop(rt);
    assert_eq!(shelf.shutdowns.load(Ordering::Relaxed), 1);
    // The loop's task is gone: the executor may find out, and running the job does nothing.
    let jobs: Vec<Job> = std::mem::take(&mut *shelf.jobs.lock());
    assert!(jobs.iter().all(Job::is_cancelled));
    jobs.into_iter().for_each(Job::run);
}

/// Counts, and passes on to a pool.
struct Counts {
    pool: Pool,
    jobs: Arc<AtomicUsize>,
}

impl Executor for Counts {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.jobs.fetch_add(1, Ordering::Relaxed);
        self.pool.execute(job)
    }

    fn shutdown(&self, deadline: Option<Duration>) -> Report {
        self.pool.shutdown(deadline)
    }
}

#[test]
fn an_executor_may_wrap_the_pool() {
    let jobs = Arc::new(AtomicUsize::new(0));
    let rt = with(Counts { pool: PoolConfig::new().max_threads(2).build(), jobs: jobs.clone() });
    rt.block_on(async {
        for n in 0..10 {
            assert_eq!(runtime::spawn_blocking(move || n).await.unwrap(), n);
        }
    });
    assert_eq!(jobs.load(Ordering::Relaxed), 10);
    assert!(rt.shutdown_timeout(Duration::from_secs(3600)).blocking().is_clean());
}
