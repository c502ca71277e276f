//! Jobs, slots and their futures, driven by hand.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio_test::{assert_pending, assert_ready, task};

use super::job::Origin;
use super::task::{BlockingTask, submit};
use super::{Executor, Job, NotRun};

/// Keeps jobs until the test says what becomes of them.
#[derive(Default)]
struct Shelf(Mutex<Vec<Job>>);

impl Executor for Shelf {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.0.lock().push(job);
        Ok(())
    }
}

struct Refuses;

impl Executor for Refuses {
    fn execute(&self, _job: Job) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::WouldBlock, "no thread today"))
    }
}

impl Shelf {
    fn pop(&self) -> Job {
        self.0.lock().pop().expect("a job was submitted")
    }
}

#[track_caller]
fn origin() -> Origin {
    Origin { location: Location::caller(), name: None }
}

/// Polls a task that is over without a value.
fn not_run<T>(task: BlockingTask<T>) -> NotRun {
    let mut task = task::spawn(task);
    let unwound = catch_unwind(AssertUnwindSafe(|| task.poll().is_ready()));
    NotRun::of(unwound.expect_err("the job was not run")).expect("no panic of the job's own")
}

struct CountsDrops(Arc<AtomicUsize>);

impl Drop for CountsDrops {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn running_the_job_wakes_the_waiter_with_its_value() {
    let shelf = Shelf::default();
    let mut task = task::spawn(submit(&shelf, origin(), || 42));
    assert_pending!(task.poll());
    shelf.pop().run();
    assert!(task.is_woken());
    assert_eq!(assert_ready!(task.poll()), 42);
}

#[test]
fn a_job_that_ran_before_the_first_poll_is_ready_at_once() {
    let shelf = Shelf::default();
    let mut task = task::spawn(submit(&shelf, origin(), || 42));
    shelf.pop().run();
    assert_eq!(assert_ready!(task.poll()), 42);
}

#[test]
fn a_panic_goes_to_the_waiter_and_not_to_the_executor() {
    let shelf = Shelf::default();
    let mut task = task::spawn(submit(&shelf, origin(), || std::panic::resume_unwind(Box::new(7))));
    assert_pending!(task.poll());
    shelf.pop().run();
    assert!(task.is_woken());
    let unwound = catch_unwind(AssertUnwindSafe(|| -> std::task::Poll<()> { task.poll() }));
    let payload = NotRun::of(unwound.expect_err("the panic is passed on")).expect_err("a panic");
    assert_eq!(*payload.downcast::<i32>().expect("the job's own payload"), 7);
}

#[test]
fn a_job_dropped_by_its_executor_cancels_the_wait() {
    let shelf = Shelf::default();
    let mut task = task::spawn(submit(&shelf, origin(), || ()));
    assert_pending!(task.poll());
    drop(shelf.pop());
    assert!(task.is_woken());
    let why = not_run(task.into_inner());
    assert!(matches!(why, NotRun::Cancelled), "{why}");
}

#[test]
fn a_refusal_reaches_the_waiter_with_its_error() {
    match not_run(submit(&Refuses, origin(), || ())) {
        NotRun::Refused(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        NotRun::Cancelled => panic!("the error got lost"),
    }
}

#[test]
fn dropping_the_future_drops_a_closure_that_has_not_started() {
    let shelf = Shelf::default();
    let drops = Arc::new(AtomicUsize::new(0));
    let inside = CountsDrops(drops.clone());
    let task = submit(&shelf, origin(), move || -> () {
        let _inside = &inside;
        unreachable!("the job was cancelled")
    });
    drop(task);
    assert_eq!(drops.load(Ordering::Relaxed), 1, "dropped at once, and by the waiter");
    let job = shelf.pop();
    assert!(job.is_cancelled());
    job.run();
}

#[test]
fn dropping_the_future_of_a_running_job_lets_it_finish_for_nobody() {
    let shelf = Arc::new(Shelf::default());
    let drops = Arc::new(AtomicUsize::new(0));
    let (output, ran) = (CountsDrops(drops.clone()), Arc::new(AtomicUsize::new(0)));
    let slot: Arc<Mutex<Option<BlockingTask<CountsDrops>>>> = Arc::default();
    let (from_inside, counter) = (slot.clone(), ran.clone());
    let task = submit(&*shelf, origin(), move || {
        // While the job runs, its waiter leaves.
        drop(from_inside.lock().take());
        counter.fetch_add(1, Ordering::Relaxed);
        output
    });
    *slot.lock() = Some(task);
    shelf.pop().run();
    assert_eq!(ran.load(Ordering::Relaxed), 1);
    assert_eq!(drops.load(Ordering::Relaxed), 1, "the output was dropped by the executor's thread");
}

#[test]
fn an_output_that_panics_when_dropped_for_nobody_is_contained() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("boom"));
        }
    }
    let shelf = Shelf::default();
    let slot: Arc<Mutex<Option<BlockingTask<Bomb>>>> = Arc::default();
    let from_inside = slot.clone();
    let task = submit(&shelf, origin(), move || {
        drop(from_inside.lock().take());
        Bomb
    });
    *slot.lock() = Some(task);
    shelf.pop().run();
}

#[test]
fn a_closure_may_hold_the_future_of_another_job() {
    // Its drop goes through the other slot while the first one is being abandoned.
    let shelf = Shelf::default();
    let inner = submit(&shelf, origin(), || ());
    let outer = submit(&shelf, origin(), move || drop(inner));
    drop(outer);
    assert!(shelf.pop().is_cancelled());
    assert!(shelf.pop().is_cancelled());
}

#[test]
fn a_job_names_the_place_that_spawned_it() {
    let shelf = Shelf::default();
    let line = line!() + 1;
    let _task = submit(&shelf, origin(), || ());
    let job = shelf.pop();
    assert_eq!((job.location().file(), job.location().line()), (file!(), line));
}

#[test]
fn futures_and_jobs_may_change_threads() {
    fn sent<T: Send>(_: &T) {}
    fn shared<T: Sync>(_: &T) {}
    let shelf = Shelf::default();
    // Send and not Sync: the slot's lock makes up for it.
    let task = submit(&shelf, origin(), || Cell::new(1));
    sent(&task);
    shared(&task);
    sent(&shelf.pop());
    let _: &dyn Future<Output = Cell<i32>> = &task;
}
