//! A server that ends in good order: on command, by SIGTERM or Ctrl-C, or when its time is up, with a grace
//! for those who are in the midst of something.
//!
//! ```text
//! cargo run --example server                                   a server, and clients who put it to the test
//! cargo run --example server -- --listen localhost:7000        the server alone; try `nc localhost 7000`
//! cargo run --example server -- --listen :7000 --seconds 60    on all interfaces, and for a minute
//! ```
//!
//! What clients may say is in `session.rs`.

mod demo;
#[cfg_attr(unix, path = "requests_unix.rs")]
#[cfg_attr(not(unix), path = "requests_other.rs")]
mod requests;
mod session;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use futures::channel::mpsc;
use futures::{FutureExt, StreamExt, select};
use runtime::net::Server;
use runtime::time::timeout;

use self::requests::Requests;

/// A server that ends in good order. Without arguments: a short demonstration.
#[derive(Parser)]
#[command(name = "server")]
struct Options {
    /// Run the server alone, on this host and port; may be given more than once
    #[arg(long, value_name = "HOST:PORT", value_parser = place)]
    listen: Vec<(String, u16)>,

    /// Connections at a time; the others wait to be accepted
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,

    /// Time to serve; without end by default
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,

    /// Time that connections have at the end to finish what they are doing
    #[arg(long, value_name = "S", default_value_t = 5.0)]
    grace: f64,
}

/// Splits `HOST:PORT`; nothing before the colon means all interfaces.
fn place(text: &str) -> Result<(String, u16), String> {
    let (host, port) = text.rsplit_once(':').ok_or("it has no port")?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.parse().map_err(|_| "the port is a number up to 65535")?;
    Ok((host.to_owned(), port))
}

fn duration(seconds: f64) -> io::Result<Duration> {
    let duration = Duration::try_from_secs_f64(seconds);
    duration.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

#[runtime::main]
async fn main() -> ExitCode {
    match start(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn start(options: Options) -> io::Result<()> {
    let (stop, mut stopped) = mpsc::unbounded();
    let alone = !options.listen.is_empty();

    let mut builder = Server::builder().max_connections(options.max_connections as usize);
    for (host, port) in &options.listen {
        builder = builder.bind(host, *port);
    }
    if !alone {
        builder = builder.bind("localhost", 0);
    }
    let server = builder
        .serve(async move |connection, peer| {
            if let Err(error) = session::talk(&connection, peer, &stop).await {
                println!("server: {peer}: {error}");
            }
        })
        .await?;
    for address in server.local_addrs() {
        println!("listening on {address}");
    }

    let demo = (!alone).then(|| demo::start(server.local_addrs()[0]));
    let mut requests = Requests::listen()?;
    let told = async {
        select! {
            peer = stopped.next() => peer.expect("handlers may say so").to_string(),
            signal = requests.next().fuse() => signal,
        }
    };
    let until = match options.seconds {
        Some(seconds) => timeout(duration(seconds)?, told).await,
        None => Ok(told.await),
    };
    // Nobody listens any more: the next signal ends the program at once.
    drop(requests);
    match until {
        Ok(who) => println!("server: {who} told it to stop"),
        Err(_) => println!("server: its time is up"),
    }
    // No new connections; those that are open have some time, and then they are reset.
    let grace = if alone { duration(options.grace)? } else { demo::GRACE };
    let report = server.shutdown(grace).await;
    println!("server: {report} after {grace:?}");
    if let Some(demo) = demo {
        demo.join().expect("the clients do not panic")?;
    }
    Ok(())
}
