//! A TCP echo server, and a load generator to see how fast it is.
//!
//! ```text
//! cargo run --release --example echo                      a server, a short load on it, and a live table
//! cargo run --release --example echo -- --listen ADDR     the server alone
//! cargo run --release --example echo -- --load            server and load, as the options say
//! cargo run --release --example echo -- --connect ADDR    load on a server that runs elsewhere
//! ```

mod load;
mod server;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use clap::Parser;
use examples::{bold, dim};
use futures::channel::oneshot;
use futures::future::{Either, select};
use runtime::Runtime;
use runtime::net::TcpListener;

use self::load::Load;

/// A TCP echo server with a built-in load generator. Without arguments: a short demonstration of both.
#[derive(Parser)]
#[command(name = "echo")]
struct Options {
    /// Run the server alone, on this address
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["load", "connect"])]
    listen: Option<SocketAddr>,

    /// Start a server, and put a load on it
    #[arg(long)]
    load: bool,

    /// Put the load on a server that runs already
    #[arg(long, value_name = "ADDR")]
    connect: Option<SocketAddr>,

    /// Connections of the load
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    connections: Option<u32>,

    /// Length of the load
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: Option<u32>,

    /// Bytes of a message
    #[arg(long, value_name = "B", value_parser = clap::value_parser!(u32).range(1..))]
    size: Option<u32>,
}

impl Options {
    /// The loads to run one after the other. Without any wish: one connection for the latency, then many
    /// for the rate.
    fn loads(&self) -> Vec<Load> {
        let size = self.size.unwrap_or(64) as usize;
        let load = |connections, seconds| Load { connections, seconds, size };
        if self.load || self.connections.is_some() || self.connect.is_some() {
            return vec![load(self.connections.unwrap_or(64), self.seconds.unwrap_or(5))];
        }
        let seconds = self.seconds.unwrap_or(3);
        vec![load(1, seconds), load(64, seconds)]
    }
}

fn main() -> ExitCode {
    match start(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the table has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(options: &Options) -> io::Result<()> {
    if let Some(address) = options.listen {
        return Runtime::new()?.block_on(async {
            let listener = TcpListener::bind(address).await?;
            println!("echo server on {}, end it with Ctrl-C", listener.local_addr()?);
            server::serve(&listener).await
        });
    }
    if let Some(address) = options.connect {
        return load::run(address, &options.loads());
    }
    let server = Server::start()?;
    println!("{} on {}, on a thread of its own", bold("echo server"), server.address);
    load::run(server.address, &options.loads())?;
    server.stop()?;
    println!();
    println!(
        "{}",
        dim("the server alone:     cargo run --release --example echo -- --listen 127.0.0.1:7000")
    );
    println!(
        "{}",
        dim(
            "a load of your own:   cargo run --release --example echo -- --load --connections 256 --size 1024"
        )
    );
    Ok(())
}

/// A server on a thread of its own, with a loop of its own.
struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<io::Result<()>>,
}

impl Server {
    fn start() -> io::Result<Server> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = mpsc::channel();
        let serve = move || {
            Runtime::new()?.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                // Fails if the main thread is gone, and then `stopped` is ready.
                let _ = ready.send(listener.local_addr()?);
                let serving = std::pin::pin!(server::serve(&listener));
                match select(serving, stopped).await {
                    Either::Left((result, _)) => result,
                    Either::Right(_) => Ok(()),
                }
            })
        };
        let thread = thread::Builder::new().name("server".into()).spawn(serve)?;
        match address.recv() {
            Ok(address) => Ok(Server { address, stop, thread }),
            // The server ended before it had an address: its result says why.
            Err(_) => Err(join(thread).err().unwrap_or_else(|| io::Error::other("no server"))),
        }
    }

    fn stop(self) -> io::Result<()> {
        drop(self.stop);
        join(self.thread)
    }
}

fn join(thread: thread::JoinHandle<io::Result<()>>) -> io::Result<()> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
