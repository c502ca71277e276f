//! A server that speaks the protocol of Redis (RESP2), with pipelining and keys that expire.
//!
//! ```text
//! cargo run --release --example redis                              a server, and a client who tries it
//! cargo run --release --example redis -- --listen localhost:6379   the server alone
//! redis-cli -p 6379 set greeting hello ex 10
//! redis-benchmark -p 6379 -t set,get,incr,lpush,lrange_100 -P 16 -q
//! ```
//!
//! Everything happens on one thread, so commands are atomic, as those of Redis are. Commands that arrive
//! together are answered together, with one write. Each key that expires has a timer of the loop.

mod client;
mod command;
mod session;
mod store;
mod wire;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use futures::StreamExt;
use futures::channel::mpsc;
use runtime::net::Server;

use crate::store::Store;

/// A server that speaks the protocol of Redis. Without arguments: a short demonstration.
#[derive(Parser)]
#[command(name = "redis")]
struct Options {
    /// Run the server alone, on this host and port, until a client says SHUTDOWN
    #[arg(long, value_name = "HOST:PORT", value_parser = place)]
    listen: Option<(String, u16)>,

    /// Connections at a time; the others wait to be accepted
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: u32,
}

fn place(text: &str) -> Result<(String, u16), String> {
    let (host, port) = text.rsplit_once(':').ok_or("it has no port")?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.parse().map_err(|_| "the port is a number up to 65535")?;
    Ok((host.to_owned(), port))
}

#[runtime::main]
async fn main() -> ExitCode {
    match start(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("redis: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn start(options: Options) -> io::Result<()> {
    let (host, port) = options.listen.clone().unwrap_or(("localhost".into(), 0));
    let store = Store::new();
    let (shutdown, mut told) = mpsc::unbounded();
    let server = Server::builder()
        .bind(host, port)
        .max_connections(options.max_connections as usize)
        .configure(|socket| socket.set_nodelay(true))
        .serve(async move |connection, peer| {
            match session::talk(&connection, &store, &shutdown).await {
                // Clients come and go as they like.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
                Err(error) => eprintln!("redis: {peer}: {error}"),
                Ok(()) => {}
            }
        })
        .await?;
    for address in server.local_addrs() {
        println!("listening on {address}");
    }
    let client =
        options.listen.is_none().then(|| runtime::spawn(client::run(server.local_addrs()[0])));
    // Handlers have the other end.
    told.next().await;
    let report = server.shutdown(Duration::from_secs(1)).await;
    println!("{report}");
    if let Some(client) = client {
        client.await??;
    }
    Ok(())
}
