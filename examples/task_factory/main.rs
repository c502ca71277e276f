//! A task factory has a say in every spawn. This one measures all tasks, lets few downloads run at a time,
//! and has what is not urgent give way to the rest; the code that spawns knows nothing of it.
//!
//! ```text
//! cargo run --example task_factory
//! ```

mod limit;
mod measure;
mod patient;

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use examples::bold;
use futures::future::join_all;
use runtime::Runtime;
use runtime::task::{self, NewTask, TaskFuture, yield_now};

use limit::Limit;
use measure::Measures;
use patient::Patient;

/// How many downloads may run at a time.
const DOWNLOADS: usize = 2;
/// An idle task is polled every so many turns.
const PATIENCE: u32 = 4;

fn main() -> io::Result<()> {
    let measures = Rc::new(Measures::default());
    let limit = Rc::new(Limit::new(DOWNLOADS));
    let factory = {
        let (measures, limit) = (measures.clone(), limit.clone());
        move |task: &NewTask<'_>, future: TaskFuture| -> TaskFuture {
            let name = task.name().unwrap_or("unnamed");
            println!("  spawned at line {}: {name}", task.location().line());
            let future = Measures::measure(&measures, name, future);
            match name {
                "download" => Box::pin(Limit::hold(limit.clone(), future)),
                "idle" => Box::pin(Patient::new(PATIENCE, future)),
                _ => future,
            }
        }
    };
    let rt = Runtime::builder().task_factory(factory).build()?;

    println!("{}", bold("five downloads, two at a time"));
    rt.block_on(downloads());
    println!("  at most {} ran at the same time", limit.most());

    println!("{}", bold("an urgent task, and an idle one"));
    let (urgent, idle) = rt.block_on(race());
    println!("  {urgent} rounds of the urgent one, {idle} of the idle one");

    println!("{}", bold("what they took"));
    for (name, measure) in measures.all() {
        let (polls, busy) = (measure.polls, measure.busy);
        println!("  {name:<8} {} tasks, {polls} polls, {busy:.1?}", measure.tasks);
    }
    Ok(())
}

/// Spawns far more than ought to run at a time.
async fn downloads() {
    let download = |size| task::Builder::new().name("download").spawn(rounds(size));
    for joined in join_all((1..=5).map(download)).await {
        joined.expect("a download does not panic");
    }
}

/// How far an idle task gets while an urgent one makes a thousand rounds.
async fn race() -> (u32, u32) {
    let urgent = task::Builder::new().name("urgent").spawn(rounds(1000));
    let progress = Rc::new(Cell::new(0));
    let idle = task::Builder::new().name("idle").spawn({
        let progress = progress.clone();
        async move {
            loop {
                progress.set(progress.get() + 1);
                yield_now().await;
            }
        }
    });
    let urgent = urgent.await.expect("the urgent task does not panic");
    idle.abort();
    (urgent, progress.get())
}

/// Work that takes a number of rounds.
async fn rounds(number: u32) -> u32 {
    for _ in 0..number {
        yield_now().await;
    }
    number
}
