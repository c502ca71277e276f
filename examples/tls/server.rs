//! A page over TLS: tells each visitor how the connection is encrypted.
//!
//! ```text
//! cargo run --example tls_server                         on 127.0.0.1:8443, with a certificate made on the spot
//! curl --cacert localhost.pem https://localhost:8443/
//! openssl s_client -connect localhost:8443 -CAfile localhost.pem
//! cargo run --example tls_client -- --root localhost.pem localhost:8443
//! cargo run --example tls_server -- --chain chain.pem --key key.pem --clients authority.pem
//! ```

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use runtime::net::server::Connection;
use runtime::net::tls::{Identity, TlsAcceptor, TlsListener, TlsStream, roots_from_pem};
use runtime::net::{Server, TcpListener, TcpStream};

/// A head of a request that is longer than this is not read to its end.
const LONGEST_REQUEST: u64 = 16 * 1024;

/// Serves one page over TLS.
#[derive(Parser)]
struct Options {
    /// Listen on this address
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,

    /// Show the certificates in this file; without it, one for localhost is made
    #[arg(long, value_name = "FILE", requires = "key")]
    chain: Option<PathBuf>,

    /// The private key of the first certificate
    #[arg(long, value_name = "FILE", requires = "chain")]
    key: Option<PathBuf>,

    /// Write the certificate that is made to this file, for clients to trust
    #[arg(long, value_name = "FILE", default_value = "localhost.pem")]
    write: PathBuf,

    /// Let nobody in but clients with a certificate that one of those in this file has signed
    #[arg(long, value_name = "FILE")]
    clients: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tls_server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let mut builder = TlsAcceptor::builder().identity(identity(&options)?).alpn(["http/1.1"]);
    if let Some(file) = &options.clients {
        builder = builder.require_client_certificates(roots_from_pem(std::fs::read(file)?)?);
    }
    let acceptor = builder.build()?;
    runtime::run(async {
        let listener = TcpListener::bind(options.listen).await?;
        println!("tls on https://{}/", listener.local_addr()?);
        let listener = TlsListener::new(listener, acceptor)
            .on_handshake_error(|peer, error| println!("{peer}: {error}"));
        let server = Server::over(listener).serve(async |stream, peer| {
            if let Err(error) = answer(stream).await {
                println!("{peer}: {error}");
            }
        });
        server.await?.serve_forever().await?;
        Ok(())
    })
}

/// Reads the certificate and its key, or makes some.
fn identity(options: &Options) -> Result<Identity, Box<dyn Error>> {
    if let (Some(chain), Some(key)) = (&options.chain, &options.key) {
        return Ok(Identity::from_pem(std::fs::read(chain)?, std::fs::read(key)?)?);
    }
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names)?;
    std::fs::write(&options.write, made.cert.pem())?;
    println!("made a certificate: {}", options.write.display());
    Ok(Identity::from_pem(made.cert.pem(), made.signing_key.serialize_pem())?)
}

/// Answers one request, whatever it asks for.
async fn answer(mut stream: TlsStream<Connection<TcpStream>>) -> io::Result<()> {
    let mut line = String::new();
    let mut head = (&mut stream).take(LONGEST_REQUEST);
    // An empty line ends the head; so does the end of the input.
    while head.read_line(&mut line).await? > 2 {
        line.clear();
    }
    let page = page(&stream);
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/plain";
    let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{page}", page.len());
    stream.write_all(answer.as_bytes()).await?;
    // Only a client that has read everything ends as well; what it still sends is of no interest.
    stream.shutdown().await
}

fn page(stream: &TlsStream<Connection<TcpStream>>) -> String {
    let protocol = stream.alpn_protocol().map(String::from_utf8_lossy);
    format!(
        "version: {:?}\ncipher suite: {:?}\nhandshake: {:?}\nname asked for: {}\nprotocol: {}\ncertificates shown: {}\n",
        stream.protocol_version().expect("the handshake is done"),
        stream.cipher_suite().expect("the handshake is done"),
        stream.handshake_kind().expect("the handshake is done"),
        stream.server_name().unwrap_or("none"),
        protocol.as_deref().unwrap_or("none"),
        stream.peer_certificates().map_or(0, <[_]>::len),
    )
}
