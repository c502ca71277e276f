//! A server with one request that blocks its loop, and the watchdog that tells which.
//!
//! ```text
//! cargo run --example watchdog                                  clients who make all kinds of requests
//! cargo run --example watchdog -- --mend                        the same, with the work on another thread
//! cargo run --example watchdog -- --listen localhost:7000       the server alone; try `nc localhost 7000`
//! ```
//!
//! What clients may ask is in `session.rs`. The reports are written by the loop itself, to the standard error
//! stream.

mod demo;
mod session;

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use clap::Parser;
use runtime::Builder;
use runtime::net::TcpListener;
use runtime::watchdog::BlockedReport;

use self::session::Work;

/// A server with one request that blocks its loop. Without arguments: a short demonstration.
#[derive(Parser)]
#[command(name = "watchdog")]
struct Options {
    /// Run the server alone, on this host and port, without end
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,

    /// Report what keeps the loop for longer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 50)]
    threshold: u64,

    /// Do the work on a thread that may block
    #[arg(long)]
    mend: bool,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let work = if options.mend { Work::Elsewhere } else { Work::Here };
    let (send, reports) = channel();
    let rt = Builder::new()
        .watchdog(Duration::from_millis(options.threshold))
        // Where a real server counts them.
        .on_blocked(move |report| drop(send.send(report.clone())))
        .build()?;
    rt.block_on(async {
        let listener =
            TcpListener::bind(options.listen.as_deref().unwrap_or("127.0.0.1:0")).await?;
        let address = listener.local_addr()?;
        println!("listening on {address}");
        let serving = runtime::spawn(serve(listener, work));
        if options.listen.is_some() {
            return serving.await.map_err(io::Error::other)?;
        }
        let clients = runtime::spawn_blocking(move || demo::run(address));
        clients.await.map_err(io::Error::other)?
    })?;
    // Then the watchdog tells what is left to tell, and lets go of the function.
    drop(rt);
    summarize(reports);
    Ok(())
}

async fn serve(listener: TcpListener, work: Work) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        // By its name one knows a task in a report.
        let name = format!("client at {peer}");
        drop(runtime::task::Builder::new().name(&name).spawn(session::serve(stream, work)));
    }
}

fn summarize(reports: Receiver<BlockedReport>) {
    let over: Vec<_> = reports.into_iter().filter(BlockedReport::is_over).collect();
    match over.iter().max_by_key(|report| report.elapsed()) {
        None => println!("nothing has blocked the loop"),
        Some(longest) => println!(
            "{} poll(s) have blocked the loop; the longest, of {}, for {} ms",
            over.len(),
            longest.source(),
            longest.elapsed().as_millis()
        ),
    }
}
