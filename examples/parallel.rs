//! Runs commands in parallel, a few at a time, with a progress bar.
//!
//! ```text
//! cargo run --release --example parallel                                          twelve jobs of its own
//! cargo run --release --example parallel -- --jobs 2 'sleep 1' 'echo hello'       lines for the shell
//! ls *.wav | sed 's/.*/oggenc "&"/' | cargo run --release --example parallel -- -   lines from the standard input
//! ```
//!
//! What a command says is shown when it has ended, so that nothing gets mixed up. The exit code is 1 if one
//! has failed. Ctrl-C kills those that run.

use std::env;
use std::future::pending;
use std::io;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::process::{ExitCode, Output, Stdio};
use std::time::Duration;

use clap::Parser;
use futures::future::{Either, select};
use futures::{AsyncBufReadExt, AsyncWriteExt, StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use runtime::process::{Command, stdin, stdout};
use runtime::{signal, time};

#[derive(Parser)]
#[command(about = "Runs commands in parallel, a few at a time, with a progress bar")]
struct Options {
    /// How many run at the same time.
    #[arg(long, short, value_name = "N", default_value = "4")]
    jobs: NonZeroUsize,
    /// Lines for the shell; `-` reads them from the standard input.
    lines: Vec<String>,
    /// Is one of the jobs that are run without any lines.
    #[arg(long, hide = true)]
    demo: Option<u64>,
}

/// A command, and what to call it.
struct Job {
    name: String,
    command: Command,
}

impl Job {
    fn of_line(line: String) -> Job {
        Job { command: Command::shell(&line), name: line }
    }
}

#[runtime::main]
async fn main() -> io::Result<ExitCode> {
    let options = Options::parse();
    if let Some(number) = options.demo {
        return demo(number).await;
    }
    let jobs = match &options.lines[..] {
        [] => (1..=12).map(demo_job).collect::<io::Result<_>>()?,
        [dash] if dash == "-" => {
            stdin().buffered().lines().map_ok(Job::of_line).try_collect().await?
        }
        _ => options.lines.into_iter().map(Job::of_line).collect(),
    };
    let work = pin!(run_all(jobs, options.jobs.get()));
    match select(work, pin!(interruption())).await {
        Either::Left((failed, _)) => Ok(ExitCode::from(u8::from(failed > 0))),
        // The work is dropped, and its children killed.
        Either::Right(_) => Ok(ExitCode::from(130)),
    }
}

/// Runs all of them, and returns how many have failed.
async fn run_all(jobs: Vec<Job>, at_once: usize) -> usize {
    let bar = ProgressBar::new(jobs.len() as u64).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len}, {elapsed} gone, {eta} to go")
            .expect("the template is correct"),
    );
    let total = jobs.len();
    let failed = stream::iter(jobs)
        .map(|job| run(job, &bar))
        .buffer_unordered(at_once)
        .filter(|well| std::future::ready(!well))
        .count()
        .await;
    bar.finish_and_clear();
    println!("{} of {total} went well", total - failed);
    failed
}

async fn run(mut job: Job, bar: &ProgressBar) -> bool {
    let command = job.command.stdin(Stdio::null()).kill_on_drop(true);
    let outcome = command.output().await;
    let well = outcome.as_ref().is_ok_and(|output| output.status.success());
    // The bar steps aside while something is printed.
    bar.suspend(|| report(&job.name, outcome));
    bar.inc(1);
    well
}

fn report(name: &str, outcome: io::Result<Output>) {
    match outcome {
        Ok(output) => {
            println!("{name}: {}", output.status);
            print!("{}", String::from_utf8_lossy(&output.stdout));
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(error) => println!("{name}: {error}"),
    }
}

/// Waits for Ctrl-C, where that can be done.
async fn interruption() {
    if signal::ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}

/// This very program, as a child with something to do.
fn demo_job(number: u64) -> io::Result<Job> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--demo", &number.to_string()]);
    Ok(Job { name: format!("job {number}"), command })
}

/// Takes a moment; number seven fails.
async fn demo(number: u64) -> io::Result<ExitCode> {
    time::sleep(Duration::from_millis(50 + 37 * number % 150)).await;
    stdout().write_all(format!("  {number} squared is {}\n", number * number).as_bytes()).await?;
    Ok(ExitCode::from(if number == 7 { 3 } else { 0 }))
}
