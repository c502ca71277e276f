//! A blocking job runs with the context of whoever created it.

use std::io;
use std::sync::Mutex;

use runtime::blocking::{Executor, Job};
use runtime::context::Context;
use runtime::{Runtime, task};
use support::{DropLog, Witness};

mod support;

runtime::context_var! {
    static NUMBER: u32 = 0;
    static WITNESS: Option<Witness> = None;
}

/// What the variable is, and a change of it that nobody else should see.
fn look() -> u32 {
    let before = NUMBER.get();
    NUMBER.set(100);
    before
}

#[test]
fn a_job_runs_with_the_context_of_its_creator() {
    let rt = Runtime::new().unwrap();
    NUMBER.set(5);
    let outside = rt.spawn_blocking(look);
    let abroad = rt.handle().clone();
    let abroad = std::thread::spawn(move || {
        NUMBER.set(6);
        abroad.spawn_blocking(look)
    });
    assert_eq!(rt.block_on(outside).unwrap(), 5);
    assert_eq!(rt.block_on(abroad.join().unwrap()).unwrap(), 6);
    let inside = rt.block_on(async { runtime::spawn_blocking(look).await.unwrap() });
    assert_eq!((inside, NUMBER.get()), (5, 5));
}

#[test]
fn a_thread_of_the_pool_keeps_nothing() {
    let rt = runtime::Builder::new().max_blocking_threads(1).build().unwrap();
    rt.block_on(async {
        for _ in 0..3 {
            assert_eq!(runtime::spawn_blocking(look).await.unwrap(), 0);
        }
        let job = || Context::new().with_value(&NUMBER, 1).run(|| runtime::spawn_blocking(look));
        assert_eq!(job().await.unwrap(), 1);
        assert_eq!(runtime::spawn_blocking(look).await.unwrap(), 0);
    });
}

/// Keeps a job until it is asked for.
#[derive(Default)]
struct Shelf(Mutex<Vec<Job>>);

impl Executor for Shelf {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.0.lock().unwrap().push(job);
        Ok(())
    }
}

impl Shelf {
    fn take(&self) -> Job {
        self.0.lock().unwrap().pop().unwrap()
    }
}

#[test]
fn a_job_run_on_the_loops_own_thread_leaves_its_context_alone() {
    let shelf = Shelf::default();
    runtime::run(async {
        NUMBER.set(1);
        let task = task::run_in(&shelf, look);
        NUMBER.set(2);
        shelf.take().run();
        assert_eq!((task.await.unwrap(), NUMBER.get()), (1, 2));
    });
}

#[test]
fn a_job_keeps_its_context_no_longer_than_it_takes() {
    let log = DropLog::new();
    let shelf = Shelf::default();
    let make = || {
        let context = Context::new().with_value(&WITNESS, Some(log.witness()));
        context.run(|| task::run_in(&shelf, || WITNESS.with(Option::is_some)))
    };
    let rt = Runtime::new().unwrap();
    let _entered = rt.enter();
    let task = make();
    assert_eq!(log.count(), 0);
    shelf.take().run();
    assert!(rt.block_on(task).unwrap());
    assert_eq!(log.count(), 1);
    let cancelled = make();
    drop(shelf.take());
    assert!(rt.block_on(cancelled).unwrap_err().is_cancelled());
    assert_eq!(log.count(), 2, "nor does one that is never run keep it");
}

#[test]
fn a_value_that_panics_in_its_drop_harms_no_thread_of_the_pool() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a bomb");
        }
    }

    runtime::context_var! {
        static BOMB: Option<Bomb> = None;
    }

    let rt = runtime::Builder::new().max_blocking_threads(1).build().unwrap();
    rt.block_on(async {
        let job = runtime::spawn_blocking(|| {
            drop(BOMB.set(Some(Bomb)));
            std::thread::current().id()
        });
        let first = job.await.unwrap();
        let second = runtime::spawn_blocking(|| std::thread::current().id()).await.unwrap();
        assert_eq!(first, second);
    });
}
