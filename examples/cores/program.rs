//! What the program can be asked to do.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::Parser;
use examples::{bold, dim};

use crate::load::{self, Load, Until};
use crate::measure;
use crate::server::{Server, Work};

/// A web server on all processors. Without arguments: a short demonstration.
#[derive(Parser)]
#[command(name = "cores")]
struct Options {
    /// Run the server alone, on this address
    #[arg(long, value_name = "ADDR", conflicts_with = "measure")]
    listen: Option<SocketAddr>,

    /// Measure how many requests one loop answers, and how many all of them
    #[arg(long)]
    measure: bool,

    /// Loops; one for each processor by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    loops: Option<u16>,

    /// Pin each loop to a processor (Linux)
    #[arg(long)]
    pin: bool,

    /// What a request costs: KiB to hash
    #[arg(long, value_name = "KIB", default_value_t = 256)]
    work: usize,

    /// Connections of the load
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,

    /// Length of the load
    #[arg(long, value_name = "S", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,

    /// Requests of each connection, instead of a length of time
    #[arg(long, value_name = "N", conflicts_with_all = ["seconds", "measure"])]
    requests: Option<u32>,

    /// How often each number of loops is measured
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

impl Options {
    fn loops(&self) -> usize {
        match self.loops {
            Some(loops) => loops.into(),
            None => available_parallelism().map_or(1, Into::into),
        }
    }

    fn load(&self) -> Load {
        let until = match self.requests {
            Some(requests) => Until::Requests(requests),
            None => Until::After(Duration::from_secs(self.seconds.into())),
        };
        Load { connections: self.connections, until }
    }
}

pub(crate) fn main() -> ExitCode {
    match start(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cores: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(options: &Options) -> io::Result<()> {
    let work = Work::of(options.work);
    let cost = work.cost();
    println!("each request hashes {} KiB, which takes about {cost:.1?} here", options.work);
    let start = |address, loops| Server::start(address, loops, options.pin, work);
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    if let Some(address) = options.listen {
        let server = start(address, options.loops())?;
        println!("{} loops on http://{}, end them with Ctrl-C", server.loops(), server.address());
        return server.join();
    }
    if options.measure {
        return measure::compare(options.rounds, options.loops(), &options.load(), |loops| {
            start(anywhere, loops)
        });
    }
    let server = start(anywhere, options.loops())?;
    println!("{} loops on http://{}", server.loops(), server.address());
    let answers = load::run(server.address(), &options.load())?;
    println!("{}", bold(&format!("{} requests, {:.0} a second", answers.count, answers.rate())));
    for (index, count) in server.answered()?.into_iter().enumerate() {
        println!("  loop {index} answered {count}");
    }
    server.stop()?;
    println!("{}", dim("how it scales:   cargo run --release --example cores -- --measure"));
    Ok(())
}
