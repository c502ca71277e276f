//! DNS over UDP, and over TCP for what is too long for it, with the messages of hickory-proto: a server, and
//! a client.
//!
//! ```text
//! cargo run --example dns                                         a server, and a few questions to it
//! cargo run --example dns -- --listen 127.0.0.1:5353              the server alone; ask it with
//!                                                                 dig @127.0.0.1 -p 5353 runtime.test MX
//! cargo run --example dns -- --server 9.9.9.9:53 example.org AAAA a client of any server
//! ```

mod answer;
mod client;
mod server;
mod zone;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use hickory_proto::rr::{Name, RecordType};
use runtime::task::AbortOnDropHandle;

use self::server::Server;

/// A DNS server of one zone, and a client. Without arguments: both, talking to each other.
#[derive(Parser)]
#[command(name = "dns")]
struct Options {
    /// Run the server alone, on this address
    #[arg(long, value_name = "ADDR", conflicts_with = "server")]
    listen: Option<SocketAddr>,

    /// Ask a server that runs already
    #[arg(long, value_name = "ADDR", requires = "name")]
    server: Option<SocketAddr>,

    /// The name to ask for
    #[arg(requires = "server")]
    name: Option<Name>,

    /// The type of the records to ask for
    #[arg(default_value = "A")]
    kind: RecordType,
}

fn main() -> ExitCode {
    match runtime::run(start(Options::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dns: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn start(options: Options) -> io::Result<()> {
    if let Some(address) = options.listen {
        let server = Server::bind(address).await?;
        println!("dns server on {}, end it with Ctrl-C", server.address()?);
        return server.run().await;
    }
    if let (Some(server), Some(mut name)) = (options.server, options.name) {
        // Names are whole here, with or without a dot at the end.
        name.set_fqdn(true);
        return ask(server, name, options.kind).await;
    }
    let server = Server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = server.address()?;
    let _server = AbortOnDropHandle::from(runtime::spawn(server.run()));
    let questions = [
        ("www.runtime.test.", RecordType::A),
        ("runtime.test.", RecordType::MX),
        ("whoami.runtime.test.", RecordType::TXT),
        ("large.runtime.test.", RecordType::TXT),
        ("nobody.runtime.test.", RecordType::A),
    ];
    for (name, kind) in questions {
        println!("{name} {kind}?");
        ask(address, Name::from_ascii(name).map_err(io::Error::other)?, kind).await?;
    }
    Ok(())
}

/// Asks one question and prints the answer.
async fn ask(server: SocketAddr, name: Name, kind: RecordType) -> io::Result<()> {
    let response = client::ask(server, name, kind).await?;
    if response.answers().is_empty() {
        println!("    no such record: {}", response.response_code());
    }
    for record in response.answers() {
        println!("    {record}");
    }
    Ok(())
}
