//! Work that blocks, and a loop that goes on meanwhile.
//!
//! ```text
//! cargo run --release --example blocking
//! ```

use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{io, thread};

use examples::bold;
use runtime::blocking::{Executor, Job};
use runtime::task::AbortOnDropHandle;
use runtime::time::interval;
use runtime::{Builder, Runtime};

fn main() -> io::Result<()> {
    in_the_way()?;
    out_of_the_way()?;
    on_threads_of_our_own()?;
    left_behind()
}

/// Blocks its thread for a while, as a slow disk or a long computation does.
fn block(length: Duration) -> Duration {
    let start = Instant::now();
    thread::sleep(length);
    start.elapsed()
}

/// Counts the ticks that a loop finds time for.
struct Heartbeat {
    ticks: Rc<Cell<u32>>,
    _task: AbortOnDropHandle<()>,
}

impl Heartbeat {
    fn start() -> Heartbeat {
        let ticks = Rc::new(Cell::new(0));
        let counter = ticks.clone();
        let task = runtime::spawn(async move {
            let mut interval = interval(Duration::from_millis(10));
            loop {
                interval.tick().await;
                counter.set(counter.get() + 1);
            }
        });
        Heartbeat { ticks, _task: AbortOnDropHandle::new(task) }
    }
}

fn in_the_way() -> io::Result<()> {
    println!("{}", bold("a blocking call on the loop"));
    Runtime::new()?.block_on(async {
        let heart = Heartbeat::start();
        runtime::task::yield_now().await;
        let took = block(Duration::from_millis(200));
        println!("  {took:.0?}, in which the heart beat {} time(s)", heart.ticks.get());
        Ok(())
    })
}

fn out_of_the_way() -> io::Result<()> {
    println!("{}", bold("the same on the blocking pool, four times"));
    let rt = Builder::new().max_blocking_threads(4).build()?;
    rt.block_on(async {
        let heart = Heartbeat::start();
        let start = Instant::now();
        let jobs: Vec<_> =
            (0..4).map(|_| runtime::spawn_blocking(|| block(Duration::from_millis(200)))).collect();
        for job in jobs {
            job.await?;
        }
        println!(
            "  {:.0?} for all, in which the heart beat {} times",
            start.elapsed(),
            heart.ticks.get()
        );

        let failed =
            runtime::spawn_blocking(|| -> u32 { std::panic::resume_unwind(Box::new("no")) }).await;
        println!("  a job that panics: {}", failed.expect_err("it panics"));
        Ok(())
    })
}

/// An executor of our own: one thread, named and kept, as a library that must always be called
/// from the same thread wants it.
struct OneThread {
    jobs: mpsc::Sender<Job>,
}

impl OneThread {
    fn start() -> io::Result<OneThread> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let work = move || queue.into_iter().for_each(Job::run);
        thread::Builder::new().name("the-only-one".into()).spawn(work)?;
        Ok(OneThread { jobs })
    }
}

impl Executor for OneThread {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.jobs.send(job).map_err(|_| io::Error::other("the only thread is gone"))
    }
}

fn on_threads_of_our_own() -> io::Result<()> {
    println!("{}", bold("an executor of our own"));
    let rt = Builder::new().blocking_executor(OneThread::start()?).build()?;
    rt.block_on(async {
        for _ in 0..2 {
            let name =
                runtime::spawn_blocking(|| thread::current().name().map(String::from)).await?;
            println!("  ran on thread {:?}", name.unwrap_or_default());
        }
        Ok(())
    })
}

fn left_behind() -> io::Result<()> {
    println!("{}", bold("a job that does not end, and a shutdown that does"));
    let rt = Runtime::new()?;
    let (started, starts) = mpsc::channel();
    let job = rt.spawn_blocking(move || {
        // Fails only if the main thread has gone on without us.
        let _ = started.send(());
        block(Duration::from_secs(3600))
    });
    starts.recv().map_err(io::Error::other)?;
    drop(job);
    let report = rt.shutdown_timeout(Duration::from_millis(100));
    println!("  {}", report.blocking());
    Ok(())
}
