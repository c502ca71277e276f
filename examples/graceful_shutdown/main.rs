//! A server that ends in three steps: it accepts nobody any more, it asks those who take too long, and it
//! drops those who do not listen.
//!
//! ```text
//! cargo run --example graceful_shutdown                                  a server, and three clients of its own
//! cargo run --example graceful_shutdown -- --listen localhost:7000       the server alone; try `nc localhost 7000`
//! ```
//!
//! SIGTERM or Ctrl-C begin the end, and a second one cuts it short. All of it is one task group: its body
//! accepts, its children are the connections. The first request to end the server's task is the body's, the
//! second the group's (`server.rs`). `runtime::net::Server` has the same in one call; see the example `server`.

mod demo;
mod server;
#[cfg_attr(unix, path = "told_unix.rs")]
#[cfg_attr(not(unix), path = "told_other.rs")]
mod told;

use std::io;
use std::time::Duration;

use clap::Parser;
use futures::future::{Either, select};
use runtime::net::TcpListener;
use runtime::task::{GroupError, JoinError, JoinHandle};
use runtime::time::timeout;

use crate::told::Told;

/// A server that ends in good order. Without arguments: a short demonstration.
#[derive(Parser)]
struct Options {
    /// Run the server alone, on this host and port
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,

    /// Seconds in which connections may finish what they are doing
    #[arg(long, value_name = "S", default_value_t = 10.0)]
    grace: f64,

    /// Seconds in which they may clean up after that
    #[arg(long, value_name = "S", default_value_t = 2.0)]
    last: f64,
}

fn seconds(seconds: f64) -> io::Result<Duration> {
    let duration = Duration::try_from_secs_f64(seconds);
    duration.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

#[runtime::main]
async fn main() -> io::Result<()> {
    let mut options = Options::parse();
    let is_demo = options.listen.is_none();
    if is_demo {
        (options.grace, options.last) = (0.3, 0.2);
    }
    let (grace, last) = (seconds(options.grace)?, seconds(options.last)?);
    let listener = TcpListener::bind(options.listen.as_deref().unwrap_or("localhost:0")).await?;
    let address = listener.local_addr()?;
    println!("listening on {address}");

    let mut told = Told::listen()?;
    let mut server = runtime::spawn(server::run(listener, last));
    let clients = is_demo.then(|| demo::start(address));

    let who = match select(Box::pin(told.next()), &mut server).await {
        Either::Left((who, _)) => who,
        Either::Right((ended, _)) => return report(ended),
    };
    println!("told to end by {who}: no new connections, and {grace:?} for those that are open");
    server.cancel(who);
    let in_time = timeout(grace, until_told_again(&mut told, &mut server)).await;
    let ended = match in_time {
        Ok(Some(ended)) => ended,
        ended => {
            let reason = if ended.is_ok() { "told to hurry" } else { "the grace is over" };
            println!("{reason}: who is still busy is asked to end, and dropped after {last:?}");
            server.cancel(reason);
            server.await
        }
    };
    if let Some(clients) = clients {
        clients.await??;
    }
    report(ended)
}

type Ended = Result<Result<(), GroupError<io::Error>>, JoinError>;

/// Waits for the server; `None` if it is told to end once more.
async fn until_told_again(
    told: &mut Told,
    server: &mut JoinHandle<Result<(), GroupError<io::Error>>>,
) -> Option<Ended> {
    match select(server, Box::pin(told.next())).await {
        Either::Left((ended, _)) => Some(ended),
        Either::Right(_) => None,
    }
}

fn report(ended: Ended) -> io::Result<()> {
    match ended? {
        Ok(()) => println!("all have finished"),
        // Not an error of the program: it was asked for.
        Err(error) if error.errors().is_empty() => println!("not all have finished: {error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
