//! A supervisor: keeps programs running, and restarts those that end, later each time.
//!
//! ```text
//! cargo run --release --example supervisor                                   two programs of its own
//! cargo run --release --example supervisor -- 'redis-server' './worker'      lines for the shell
//! ```
//!
//! Ctrl-C and `SIGTERM` end all of them: asked first, and killed if they do not listen. So does a program
//! that has failed too often.

mod backoff;
mod demo;
mod service;
#[cfg_attr(not(unix), path = "stop_other.rs")]
mod stop;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use futures::channel::oneshot;
use futures::future::select;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use crate::backoff::Backoff;
use crate::service::{Outcome, Service};

#[derive(Parser)]
#[command(about = "Keeps programs running, and restarts those that end, later each time")]
pub(crate) struct Options {
    /// Lines for the shell.
    lines: Vec<String>,
    /// How long to wait before the first restart; twice as long before the next one, and so on.
    #[arg(long, value_name = "SECONDS", default_value = "0.1")]
    first_delay: f64,
    /// How long to wait at most.
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    longest_delay: f64,
    /// After how many failures in a row to give up. A program that has run for ten seconds has not failed.
    #[arg(long, value_name = "N", default_value = "10")]
    give_up: u32,
    /// How long a program may take to end when it is asked to.
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    grace: f64,
    /// Is one of the programs that are run without any lines.
    #[arg(long, hide = true)]
    demo: Option<String>,
}

#[runtime::main]
async fn main() -> io::Result<ExitCode> {
    let mut options = Options::parse();
    if let Some(part) = &options.demo {
        return demo::play(part).await;
    }
    let mut services = match &options.lines[..] {
        [] => demo::services(&mut options)?,
        lines => lines.iter().map(|line| Service::of_line(line)).collect(),
    };

    // Heard by all of them: somebody asks for the end, or one of them gives up.
    let (given_up, gives_up) = oneshot::channel::<()>();
    let stop = select(Box::pin(stop::asked()?), gives_up).map(drop).boxed_local().shared();
    let mut given_up = Some(given_up);
    let grace = Duration::from_secs_f64(options.grace);
    let mut tasks: FuturesUnordered<_> = services
        .iter_mut()
        .map(|service| service.keep(Backoff::new(&options), grace, stop.clone()))
        .collect();
    let mut code = ExitCode::SUCCESS;
    while let Some(outcome) = tasks.next().await {
        if outcome == Outcome::GaveUp {
            code = ExitCode::FAILURE;
            // Dropping the sender is the message.
            given_up = None;
        }
    }
    drop(given_up);
    println!("nothing runs any more");
    Ok(code)
}
