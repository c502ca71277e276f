//! Computations on rayon's threads, awaited by a loop that goes on meanwhile.
//!
//! ```text
//! cargo run --release --example rayon
//! ```

use std::error::Error;
use std::io;
use std::thread;
use std::time::Duration;

use examples::bold;
use futures::channel::oneshot;
use rayon::prelude::*;
use runtime::blocking::{CancellationToken, Executor, Job};
use runtime::task::{self, AbortOnDropHandle};
use runtime::time::timeout;
use runtime::{Builder, Runtime};

/// A pool of rayon's that takes the jobs of loops. That is all it needs.
struct Rayon(rayon::ThreadPool);

impl Executor for Rayon {
    fn execute(&self, job: Job) -> io::Result<()> {
        self.0.spawn_fifo(move || job.run());
        Ok(())
    }
}

impl Rayon {
    fn new() -> Result<Rayon, rayon::ThreadPoolBuildError> {
        let builder =
            rayon::ThreadPoolBuilder::new().thread_name(|number| format!("rayon-{number}"));
        Ok(Rayon(builder.build()?))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    for_everything()?;
    beside_the_blocking_pool()?;
    until_told_otherwise()
}

/// As the loop's executor, for a program that computes and never blocks: a file that is slow to read would
/// hold up rayon.
fn for_everything() -> Result<(), Box<dyn Error>> {
    println!("{}", bold("rayon instead of the blocking pool"));
    let rt = Builder::new().blocking_executor(Rayon::new()?).build()?;
    rt.block_on(async {
        let (sum, thread) =
            runtime::spawn_blocking(|| (sum_of_primes(100_000), thread_name())).await?;
        println!("  the primes below 100000 add up to {sum}, said by {thread}");
        Ok(())
    })
}

/// By name: each job runs where it should.
fn beside_the_blocking_pool() -> Result<(), Box<dyn Error>> {
    println!("{}", bold("rayon for computations, the blocking pool for files"));
    let rayon = Rayon::new()?;
    Runtime::new()?.block_on(async {
        let read = runtime::spawn_blocking(|| (std::env::current_exe().and_then(std::fs::read), thread_name()));
        let (program, reader) = read.await?;
        let program = program?;
        let count = task::Builder::new().name("count").run_in(&rayon, move || {
            (program.par_iter().filter(|&&byte| byte == 0).count(), program.len(), thread_name())
        });
        let (zeros, length, counter) = count.await?;
        println!("  {reader} read this program, and {counter} counted: {zeros} of {length} bytes are zero");
        Ok(())
    })
}

/// A search that would take years, and looks after each number whether anybody still waits for it.
fn until_told_otherwise() -> Result<(), Box<dyn Error>> {
    println!("{}", bold("a search that is called off"));
    let rayon = Rayon::new()?;
    Runtime::new()?.block_on(async {
        let (end, ended) = oneshot::channel();
        let search = task::run_in(&rayon, move || {
            // Asked for here, and used by all of rayon's threads.
            let token = CancellationToken::current();
            let last = (0..u64::MAX).into_par_iter().find_any(|_| token.is_cancelled());
            // Whoever waited for the search need not wait for its end.
            let _ = end.send(last.is_some());
        });
        // The timeout drops the handle, which aborts the task, which sets the token.
        match timeout(Duration::from_millis(50), AbortOnDropHandle::new(search)).await {
            Err(elapsed) => println!("  {elapsed}"),
            Ok(_) => println!("  the search has ended by itself"),
        }
        println!("  and the search was called off: {}", ended.await?);
        Ok(())
    })
}

fn thread_name() -> String {
    thread::current().name().unwrap_or("a thread without a name").to_owned()
}

fn sum_of_primes(limit: u64) -> u64 {
    let is_prime = |&n: &u64| (2..).take_while(|d| d * d <= n).all(|divisor| n % divisor != 0);
    (2..limit).into_par_iter().filter(is_prime).sum()
}
