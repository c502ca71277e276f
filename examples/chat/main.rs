//! A chat over TCP, line by line: a server, and a client for those without `nc`.
//!
//! ```text
//! cargo run --example chat                                   a server on 127.0.0.1:7001
//! cargo run --example chat -- --connect 127.0.0.1:7001       a client of it
//! ```

mod client;
mod connection;
mod lines;
mod room;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;

use clap::Parser;
use runtime::net::TcpListener;

use self::room::Room;

/// A chat over TCP, line by line.
#[derive(Parser)]
#[command(name = "chat")]
struct Options {
    /// Run a server on this address
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7001")]
    listen: SocketAddr,

    /// Join a server that runs already
    #[arg(long, value_name = "ADDR", conflicts_with = "listen")]
    connect: Option<SocketAddr>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = runtime::run(async {
        match options.connect {
            Some(server) => client::run(server).await,
            None => serve(options.listen).await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Accepts members for ever.
async fn serve(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    println!("chat on {address}, end it with Ctrl-C");
    println!("join with: nc {} {}", address.ip(), address.port());

    let room = Rc::new(Room::default());
    loop {
        let (stream, peer) = listener.accept().await?;
        let room = room.clone();
        runtime::spawn(async move {
            match connection::serve(stream, room).await {
                Ok(()) => println!("{peer} left"),
                Err(error) => println!("{peer} left: {error}"),
            }
        });
    }
}
