//! A program that is kept running.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use runtime::process::Command;
use runtime::time::sleep;

use crate::backoff::Backoff;
use crate::stop;

/// A program that is kept running.
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) command: Command,
}

/// Why a service is not kept running any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Stopped,
    GaveUp,
}

impl Service {
    pub(crate) fn of_line(line: &str) -> Service {
        Service { name: line.to_owned(), command: Command::shell(line) }
    }

    /// Keeps it running until the end is `asked` for, and ends it then.
    pub(crate) async fn keep(
        &mut self,
        mut backoff: Backoff,
        grace: Duration,
        mut asked: impl Future<Output = ()> + Unpin,
    ) -> Outcome {
        let name = &self.name;
        loop {
            let start = Instant::now();
            stop::apart(&mut self.command);
            // Whatever becomes of this task, the program goes with it.
            match self.command.kill_on_drop(true).spawn() {
                Err(error) => println!("{name}: {error}"),
                Ok(mut child) => {
                    println!("{name}: runs as process {}", child.id().unwrap_or_default());
                    let stopped = match select(pin!(child.wait()), &mut asked).await {
                        Either::Left((outcome, _)) => {
                            match outcome {
                                Ok(status) => println!("{name}: ended with {status}"),
                                Err(error) => println!("{name}: {error}"),
                            }
                            false
                        }
                        Either::Right(_) => true,
                    };
                    if stopped {
                        match stop::end(&mut child, grace).await {
                            Ok(status) => println!("{name}: stopped, {status}"),
                            Err(error) => println!("{name}: cannot be stopped: {error}"),
                        }
                        return Outcome::Stopped;
                    }
                }
            }
            let Some(delay) = backoff.after(start.elapsed()) else {
                println!("{name}: has failed too often");
                return Outcome::GaveUp;
            };
            println!("{name}: starts again in {delay:?}");
            if let Either::Right(_) = select(pin!(sleep(delay)), &mut asked).await {
                return Outcome::Stopped;
            }
        }
    }
}
