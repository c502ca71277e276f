//! The pool under load, under failure, and when it is shut down.

use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use parking_lot::{Condvar, Mutex};

use super::config::ThreadMain;
use super::{Pool, PoolConfig};
use crate::blocking::job::Origin;
use crate::blocking::task::{BlockingTask, submit};
use crate::blocking::{Executor, NotRun};

const LONG: Duration = Duration::from_secs(3600);

#[track_caller]
fn spawn<T: Send + 'static>(
    pool: &Pool,
    f: impl FnOnce() -> T + Send + 'static,
) -> BlockingTask<T> {
    submit(pool, Origin { location: Location::caller(), name: None }, f)
}

/// Waits for a task, telling a job that was not run from the others.
fn join<T>(task: BlockingTask<T>) -> Result<T, NotRun> {
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(task)));
    unwound.map_err(|payload| NotRun::of(payload).expect("no job of these panics"))
}

/// A job that holds its thread until the test lets go.
struct Held {
    release: Sender<()>,
    task: BlockingTask<()>,
}

#[track_caller]
fn hold(pool: &Pool) -> Held {
    let (release, released) = channel::<()>();
    let (started, starts) = channel();
    let task = spawn(pool, move || {
        started.send(()).expect("the test waits for the start");
        // An error means that the test is over, which is as good.
        let _ = released.recv();
    });
    starts.recv().expect("the job starts");
    Held { release, task }
}

impl Held {
    fn finish(self) {
        drop(self.release);
        block_on(self.task);
    }
}

#[test]
fn no_thread_exists_before_the_first_job() {
    let pool = PoolConfig::new().build();
    assert_eq!(pool.threads(), 0);
    assert_eq!(block_on(spawn(&pool, || 42)), 42);
    assert_eq!(pool.threads(), 1);
}

#[test]
fn ten_thousand_jobs_on_two_threads_all_run() {
    let pool = PoolConfig::new().max_threads(2).build();
    let ran = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..10_000)
        .map(|_| {
            let ran = ran.clone();
            spawn(&pool, move || ran.fetch_add(1, Ordering::Relaxed))
        })
        .collect();
    for task in tasks {
        block_on(task);
    }
    assert_eq!(ran.load(Ordering::Relaxed), 10_000);
    assert!(pool.threads() <= 2);
}

#[test]
fn jobs_that_wait_for_each_other_get_a_thread_each() {
    const JOBS: usize = 20;
    let pool = PoolConfig::new().max_threads(JOBS).build();
    let barrier = Arc::new(std::sync::Barrier::new(JOBS));
    let tasks: Vec<_> = (0..JOBS)
        .map(|_| {
            let barrier = barrier.clone();
            spawn(&pool, move || {
                barrier.wait();
            })
        })
        .collect();
    tasks.into_iter().for_each(block_on);
    assert_eq!(pool.threads(), JOBS);
}

#[test]
fn one_job_after_the_other_needs_no_second_thread() {
    for spin in [None, Some(Duration::from_millis(1))] {
        let pool = PoolConfig::new().spin(spin).build();
        for expected in 0..2_000 {
            assert_eq!(block_on(spawn(&pool, move || expected)), expected);
        }
        assert_eq!(pool.threads(), 1);
    }
}

#[test]
fn many_submitters_lose_no_job() {
    let pool = Arc::new(PoolConfig::new().max_threads(3).keep_alive(Duration::ZERO).build());
    let submitters: Vec<_> = (0..4)
        .map(|_| {
            let pool = pool.clone();
            thread::spawn(move || (0..2_000).map(|n| block_on(spawn(&pool, move || n))).sum())
        })
        .collect();
    let sums: Vec<u32> = submitters.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(sums, [1_999_000; 4]);
}

#[test]
fn jobs_start_in_the_order_of_their_arrival() {
    let pool = PoolConfig::new().max_threads(1).build();
    let held = hold(&pool);
    let order: Arc<Mutex<Vec<usize>>> = Arc::default();
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let order = order.clone();
            spawn(&pool, move || order.lock().push(n))
        })
        .collect();
    held.finish();
    tasks.into_iter().for_each(block_on);
    assert_eq!(*order.lock(), (0..100).collect::<Vec<_>>());
}

#[test]
fn an_idle_thread_leaves_after_its_keep_alive() {
    let pool = PoolConfig::new().keep_alive(Duration::from_millis(1)).build();
    block_on(spawn(&pool, || ()));
    while pool.threads() > 0 {
        thread::yield_now();
    }
    assert_eq!(block_on(spawn(&pool, || 42)), 42, "a new thread takes its place");
}

#[test]
fn a_panicking_job_leaves_its_thread_alive() {
    let pool = PoolConfig::new().max_threads(1).build();
    let before = block_on(spawn(&pool, || thread::current().id()));
    let task = spawn(&pool, || std::panic::resume_unwind(Box::new("on purpose")));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| -> () { block_on(task) }));
    assert!(panic.is_err());
    assert_eq!(block_on(spawn(&pool, || thread::current().id())), before);
}

#[test]
fn threads_bear_the_name_of_the_pool() {
    let pool = PoolConfig::new().thread_name("disk").build();
    let name = block_on(spawn(&pool, || thread::current().name().map(str::to_owned)));
    assert_eq!(name.as_deref(), Some("disk-0"));
}

#[test]
fn a_job_dropped_in_the_queue_does_not_run() {
    let pool = PoolConfig::new().max_threads(1).build();
    let held = hold(&pool);
    drop(spawn(&pool, || -> () { unreachable!("cancelled") }));
    let last = spawn(&pool, || 42);
    held.finish();
    assert_eq!(block_on(last), 42);
}

/// Starts threads as long as there are permits.
fn permits(count: usize) -> (Arc<AtomicUsize>, PoolConfig) {
    let permits = Arc::new(AtomicUsize::new(count));
    let left = permits.clone();
    let spawner = move |builder: thread::Builder, main: ThreadMain| {
        let take = |left: usize| left.checked_sub(1);
        match left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(_) => builder.spawn(main).map(drop),
            Err(_) => Err(io::Error::from(io::ErrorKind::WouldBlock)),
        }
    };
    (permits, PoolConfig::new().spawner(spawner))
}

#[test]
fn without_any_thread_a_failed_start_is_the_join_s_error() {
    let (permits, config) = permits(0);
    let pool = config.build();
    match join(spawn(&pool, || ())) {
        Err(NotRun::Refused(error)) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        other => panic!("the job ended as {other:?}"),
    }
    assert_eq!((pool.threads(), pool.queued()), (0, 0));
    permits.store(1, Ordering::Relaxed);
    assert_eq!(join(spawn(&pool, || 42)).unwrap(), 42, "the next job tries again");
}

#[test]
fn a_thread_that_can_not_start_for_lack_of_memory_is_the_join_s_error() {
    let pool = PoolConfig::new().stack_size(1 << 60).build();
    assert!(matches!(join(spawn(&pool, || ())), Err(NotRun::Refused(_))));
}

#[test]
fn with_a_thread_alive_a_failed_start_makes_the_job_wait() {
    let (_, config) = permits(1);
    let pool = config.build();
    let held = hold(&pool);
    let waiting = spawn(&pool, || 42);
    assert_eq!((pool.threads(), pool.queued()), (1, 1));
    held.finish();
    assert_eq!(join(waiting).unwrap(), 42);
}

#[test]
fn a_failed_start_wakes_the_worker_that_relied_on_it() {
    // The first thread falls asleep while the second, which never arrives, covers the second job.
    let gate: Arc<(Mutex<bool>, Condvar)> = Arc::default();
    let starts = AtomicUsize::new(0);
    let at_gate = gate.clone();
    let spawner = move |builder: thread::Builder, main: ThreadMain| {
        if starts.fetch_add(1, Ordering::Relaxed) == 0 {
            return builder.spawn(main).map(drop);
        }
        let mut open = at_gate.0.lock();
        while !*open {
            at_gate.1.wait(&mut open);
        }
        Err(io::Error::from(io::ErrorKind::WouldBlock))
    };
    let config = PoolConfig::new().max_threads(2).keep_alive(LONG).spin(None);
    let pool = Arc::new(config.spawner(spawner).build());
    let held = hold(&pool);
    let (other, (done, results)) = (pool.clone(), channel());
    let submitter = thread::spawn(move || {
        // Blocks in the spawner; the job is in the queue.
        done.send(join(spawn(&other, || 1))).expect("the test waits");
    });
    while pool.queued() == 0 {
        thread::yield_now();
    }
    // The held job ends, and its worker takes the one in the queue, then sleeps.
    held.finish();
    while pool.shared.state.lock().sleeping() == 0 {
        thread::yield_now();
    }
    // This one believes itself covered by the thread that is being started.
    let relying = spawn(&pool, || 2);
    assert_eq!(pool.queued(), 1);
    *gate.0.lock() = true;
    gate.1.notify_all();
    assert_eq!(join(relying).unwrap(), 2);
    assert_eq!(results.recv().unwrap().unwrap(), 1);
    submitter.join().unwrap();
}

#[test]
fn shutdown_waits_for_running_jobs_and_cancels_the_rest() {
    let pool = PoolConfig::new().max_threads(1).build();
    let held = hold(&pool);
    let queued = spawn(&pool, || ());
    let abandoned = spawn(&pool, || ());
    drop(abandoned);
    let release = held.release;
    let releaser = thread::spawn(move || {
        // Cancelled by the shutdown, while the other job still runs.
        assert!(matches!(join(queued), Err(NotRun::Cancelled)));
        drop(release);
    });
    let report = pool.shutdown(None);
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.dropped(), 1, "the abandoned one does not count");
    releaser.join().unwrap();
    block_on(held.task);
    assert_eq!(pool.threads(), 0);
    assert!(matches!(join(spawn(&pool, || ())), Err(NotRun::Refused(_))), "no new jobs");
}

#[test]
fn shutdown_ends_on_its_deadline_and_names_the_stuck_job() {
    let pool = PoolConfig::new().thread_name("disk").build();
    let line = line!() + 1;
    let held = stuck(&pool);
    let deadline = Duration::from_millis(20);
    let start = Instant::now();
    let report = pool.shutdown(Some(deadline));
    assert!(start.elapsed() >= deadline);
    let [job] = report.stuck() else { panic!("one job is stuck: {report}") };
    assert_eq!((job.location().file(), job.location().line()), (file!(), line));
    assert_eq!((job.thread(), job.name()), ("disk-0", None));
    assert!(job.running() >= deadline);
    let text = report.to_string();
    assert!(text.contains("disk-0") && text.contains(&format!("{}:{line}", file!())), "{text}");
    held.finish();
    assert!(pool.shutdown(None).is_clean(), "a second shutdown finds it gone");
}

#[track_caller]
fn stuck(pool: &Pool) -> Held {
    hold(pool)
}

#[test]
fn shutdown_without_a_thread_is_immediate() {
    assert!(PoolConfig::new().build().shutdown(None).is_clean());
}

#[test]
fn dropping_the_pool_waits_for_nothing() {
    let pool = PoolConfig::new().max_threads(1).build();
    let held = hold(&pool);
    let queued = spawn(&pool, || ());
    drop(pool);
    assert!(matches!(join(queued), Err(NotRun::Cancelled)));
    held.finish();
}

#[test]
fn a_job_that_owns_the_pool_may_drop_it() {
    let pool = Arc::new(PoolConfig::new().build());
    let owned = pool.clone();
    let task = spawn(&pool, move || drop(owned));
    drop(pool);
    // Either the job had started, or the pool's end cancelled it; both are an end.
    let _ = join(task);
}
