//! Fetches a page over TLS and tells how the connection is encrypted.
//!
//! ```text
//! cargo run --example tls_client -- example.org:443                         trusts whom the system trusts
//! cargo run --example tls_client -- --root localhost.pem localhost:8443     trusts the other example's server
//! ```

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::net::tls::{Identity, TlsConnector};

/// Fetches a page over TLS.
#[derive(Parser)]
struct Options {
    /// The server
    #[arg(value_name = "HOST:PORT")]
    server: String,

    /// The page
    #[arg(default_value = "/")]
    path: String,

    /// Trust the certificates in this file, and no others
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,

    /// Ask for this name instead of the host
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Show the certificates in this file to a server that asks
    #[arg(long, value_name = "FILE", requires = "key")]
    chain: Option<PathBuf>,

    /// The private key of the first of them
    #[arg(long, value_name = "FILE", requires = "chain")]
    key: Option<PathBuf>,

    /// Seconds for the handshake
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    timeout: u64,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tls_client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let connector = connector(&options)?;
    let (host, _) = options.server.rsplit_once(':').ok_or("the server is given as HOST:PORT")?;
    runtime::run(async {
        let stream = TcpStream::connect(options.server.as_str()).await?;
        let mut stream = connector.connect(host, stream).await?;
        println!("{stream:?}");
        let head =
            format!("GET {} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n", options.path);
        stream.write_all(head.as_bytes()).await?;
        let mut page = Vec::new();
        match stream.read_to_end(&mut page).await {
            Ok(_) => stream.close().await?,
            // Some servers just go; with HTTP, the length of the page would tell whether all of it is there.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => println!("({error})"),
            Err(error) => return Err(error.into()),
        }
        println!("{}", String::from_utf8_lossy(&page));
        Ok(())
    })
}

fn connector(options: &Options) -> Result<TlsConnector, Box<dyn Error>> {
    let limit = Duration::from_secs(options.timeout);
    let mut builder = TlsConnector::builder().alpn(["http/1.1"]).handshake_timeout(limit);
    if let Some(file) = &options.root {
        builder = builder.root_pem(std::fs::read(file)?);
    }
    if let Some(name) = &options.name {
        builder = builder.server_name(name);
    }
    if let (Some(chain), Some(key)) = (&options.chain, &options.key) {
        let identity = Identity::from_pem(std::fs::read(chain)?, std::fs::read(key)?)?;
        builder = builder.identity(identity);
    }
    Ok(builder.build()?)
}
