//! A busy server under a load of its own, to look into while it runs.
//!
//! ```text
//! cargo run --release --example top
//! cargo run --release -p runtime-ps -- top        in another terminal; q quits, g shows kinds of tasks
//! cargo run --release -p runtime-ps -- tree       who waits for whom
//! kill -USR1 PID                                  the same, on the server's standard error stream
//! ```
//!
//! Can you find the task that takes more than its share, and the one that makes all others wait?

mod jobs;
mod load;
#[cfg_attr(not(unix), path = "look_other.rs")]
mod look;
mod server;

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Parser;
use futures::future::{Either, pending, select};
use futures::pin_mut;
use runtime::net::TcpListener;
use runtime::{Builder, task};

#[derive(Parser)]
#[command(about = "A busy server under a load of its own, to look into while it runs")]
struct Options {
    /// Clients that ask all the time.
    #[arg(long, value_name = "N", default_value = "24")]
    clients: u32,
    /// Ends after so many seconds; otherwise by Ctrl-C.
    #[arg(long, value_name = "N")]
    seconds: Option<f64>,
    /// Where to be looked into, if not where runtime-ps looks by itself.
    #[arg(long, value_name = "SOCKET")]
    socket: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let _looked_into = look::begin(options.socket)?;
    // With a watchdog, whoever looks also learns what a loop is busy with that does not answer.
    let rt = Builder::new().watchdog(Duration::from_secs(2)).build()?;
    rt.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        thread::Builder::new()
            .name("load".into())
            .spawn(move || load::run(address, options.clients))?;
        let counter = jobs::spawn();
        task::Builder::new().name("accept").spawn(server::accept(listener, counter));
        let end = match options.seconds {
            Some(seconds) => Either::Left(runtime::time::sleep(Duration::from_secs_f64(seconds))),
            None => Either::Right(pending()),
        };
        let interrupt = interruption();
        pin_mut!(end, interrupt);
        select(end, interrupt).await;
        Ok(())
    })
}

/// Waits for Ctrl-C, where that can be done.
async fn interruption() {
    if runtime::signal::ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}
