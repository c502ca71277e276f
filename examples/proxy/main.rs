//! A TCP proxy: what comes from a client goes to a server, and back, without passing through the program
//! where the system can do that.
//!
//! ```text
//! cargo run --release --example proxy                                          what a gigabyte costs, both ways
//! cargo run --release --example proxy -- --listen :7000 --to example.org:80    the proxy; end it with Ctrl-C
//! cargo run --release --example proxy -- --listen :7000 --to :8000 --connections 10    ends after ten
//! ```

#[cfg_attr(unix, path = "cpu_unix.rs")]
#[cfg_attr(not(unix), path = "cpu_other.rs")]
mod cpu;
mod demo;
mod relay;

use std::cell::Cell;
use std::io;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::Parser;
use futures::StreamExt;
use futures::channel::mpsc;
use runtime::net::Server;

use self::relay::Way;

/// A TCP proxy. Without arguments: a short demonstration.
#[derive(Parser)]
#[command(name = "proxy")]
struct Options {
    /// Where to accept clients; nothing before the colon means all interfaces
    #[arg(long, value_name = "HOST:PORT", value_parser = place, requires = "to")]
    listen: Option<(String, u16)>,

    /// The server to connect them to
    #[arg(long, value_name = "HOST:PORT", value_parser = place, requires = "listen")]
    to: Option<(String, u16)>,

    /// Copy through a buffer, for comparison
    #[arg(long)]
    buffered: bool,

    /// How many clients to serve; without end by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    connections: Option<u32>,

    /// Megabytes that the demonstration sends each way
    #[arg(long, value_name = "MB", default_value_t = 512)]
    megabytes: u64,
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
            eprintln!("proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn start(options: Options) -> io::Result<()> {
    let (Some((host, port)), Some((mut server, server_port))) = (options.listen, options.to) else {
        return demo::run(options.megabytes << 20).await;
    };
    if server.is_empty() {
        server = "localhost".to_owned();
    }
    let way = if options.buffered { Way::Buffered } else { Way::Spliced };
    let left = Rc::new(Cell::new(options.connections));
    let (done, mut all_done) = mpsc::unbounded::<()>();
    let proxy = Server::builder()
        .bind(host, port)
        .serve(async move |client, peer| {
            match relay::to_server(client, (server.as_str(), server_port), way).await {
                Ok((up, down)) => println!("{peer}: {up} bytes up, {down} bytes down"),
                Err(error) => println!("{peer}: {error}"),
            }
            left.set(left.get().map(|left| left.saturating_sub(1)));
            if left.get() == Some(0) {
                // Fails if it has been said before.
                let _ = done.unbounded_send(());
            }
        })
        .await?;
    for address in proxy.local_addrs() {
        println!("listening on {address}");
    }
    all_done.next().await;
    let report = proxy.shutdown(Duration::from_secs(5)).await;
    println!("proxy: {report}");
    Ok(())
}
