//! WebSockets by async-tungstenite: an echo server, and a client.
//!
//! ```text
//! cargo run --example websocket                                  a server on 127.0.0.1:8081
//! cargo run --example websocket -- --connect ws://127.0.0.1:8081/ hello   a client of it
//! ```
//!
//! The crate speaks `futures-io`, as our sockets do: nothing stands between the two.

mod client;
mod server;

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;

use async_tungstenite::tungstenite::http::Uri;
use clap::Parser;

/// A WebSocket that sends back what it is told.
#[derive(Parser)]
#[command(name = "websocket")]
struct Options {
    /// Run a server on this address
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,

    /// Talk to a server that runs already
    #[arg(long, value_name = "URL", conflicts_with = "listen")]
    connect: Option<Uri>,

    /// What to say, a message each
    #[arg(requires = "connect", default_values_t = ["hello".to_owned(), "goodbye".to_owned()])]
    messages: Vec<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome: Result<(), Box<dyn Error>> = runtime::run(async {
        match options.connect {
            Some(server) => Ok(client::run(server, options.messages).await?),
            None => Ok(server::run(options.listen).await?),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("websocket: {error}");
            ExitCode::FAILURE
        }
    }
}
