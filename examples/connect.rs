//! Who answers first? Dials every address of the hosts it is given, as a browser would, and tells how that
//! goes.
//!
//! ```text
//! cargo run --example connect                            addresses of its own: one that refuses, one that answers
//! cargo run --example connect -- example.org:80
//! cargo run --example connect -- --delay 100 --timeout 3 192.0.2.1:80 localhost:80
//! ```

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use runtime::net::{AttemptsError, TcpConnector, TcpListener, TcpStream, lookup_addr, lookup_host};
use runtime::time::Instant;

/// Connects to the address that answers first.
#[derive(Parser)]
struct Options {
    /// What to connect to: names are looked up, and all that is found takes part
    #[arg(value_name = "HOST:PORT")]
    hosts: Vec<String>,

    /// Milliseconds that an attempt has to itself before the next joins in
    #[arg(long, default_value_t = 250, value_name = "MS")]
    delay: u64,

    /// Seconds for all attempts together
    #[arg(long, default_value = "10", value_name = "SECONDS", value_parser = seconds)]
    timeout: Duration,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match runtime::run(dial(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

async fn dial(options: Options) -> io::Result<()> {
    let mut addresses = Vec::new();
    for host in &options.hosts {
        addresses.extend(lookup_host(host).await?);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    if options.hosts.is_empty() {
        addresses = vec![refusing()?, listener.local_addr()?];
    }

    let begin = Instant::now();
    let connector = TcpConnector::new()
        .happy_eyeballs_delay(Duration::from_millis(options.delay))
        .timeout(options.timeout)
        // Called before each attempt, with its socket: a good place to watch from.
        .configure(move |_socket, address| {
            println!("{:>5} ms  trying {address}", begin.elapsed().as_millis());
            Ok(())
        });
    let stream = connector.connect(&addresses[..]).await?;
    welcome(&stream, begin).await
}

async fn welcome(stream: &TcpStream, begin: Instant) -> io::Result<()> {
    let (peer, local) = (stream.peer_addr()?, stream.local_addr()?);
    println!("{:>5} ms  connected to {peer} from {local}", begin.elapsed().as_millis());
    let (host, service) = lookup_addr(peer).await?;
    println!("          which is {service} at {host}");
    Ok(())
}

/// Says of each address why it did not work.
fn report(error: &io::Error) {
    match error.get_ref().and_then(|error| error.downcast_ref::<AttemptsError>()) {
        None => eprintln!("{error}"),
        Some(list) => {
            for (address, cause) in list.attempts() {
                eprintln!("{address}: {cause}");
            }
        }
    }
}

/// An address at which nobody listens any more.
fn refusing() -> io::Result<SocketAddr> {
    std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()
}

fn seconds(text: &str) -> Result<Duration, Box<dyn Error + Send + Sync>> {
    Ok(Duration::try_from_secs_f64(text.parse()?)?)
}
