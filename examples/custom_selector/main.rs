//! A selector of one's own: it stands between the loop and the system, logs what passes, and injects the
//! faults that a system may commit: waits that are interrupted, events that come late, and events of what
//! never happened.
//!
//! Clients talk to an echo server meanwhile, and must not notice.
//!
//! ```text
//! cargo run --example custom_selector
//! cargo run --example custom_selector -- --trace --messages 2
//! ```

mod faulty;

use std::io;

use clap::Parser;
use examples::bold;
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::Builder;
use runtime::net::{TcpListener, TcpStream};
use runtime::reactor::{MioSelector, Selector};

use faulty::Faulty;

/// An echo server and its clients on a selector that injects faults.
#[derive(Clone, Copy, Parser)]
struct Arguments {
    /// How many clients there are.
    #[arg(long, default_value_t = 8)]
    clients: u8,
    /// How many messages each of them sends.
    #[arg(long, default_value_t = 250)]
    messages: u32,
    /// Where the faults begin.
    #[arg(long, default_value_t = 0x5eed)]
    seed: u64,
    /// Print everything that passes.
    #[arg(long)]
    trace: bool,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    serve_on("mio", MioSelector::new()?, arguments)?;
    serve_on_poll(arguments)
}

#[cfg(unix)]
fn serve_on_poll(arguments: Arguments) -> io::Result<()> {
    serve_on("poll(2)", runtime::reactor::PollSelector::new()?, arguments)
}

#[cfg(not(unix))]
fn serve_on_poll(_: Arguments) -> io::Result<()> {
    Ok(())
}

fn serve_on(name: &str, inner: impl Selector + 'static, arguments: Arguments) -> io::Result<()> {
    println!("{}", bold(&format!("faults on top of {name}")));
    let selector = Faulty::new(inner, arguments.seed, arguments.trace);
    let tally = selector.tally();
    let rt = Builder::new().selector(selector).build()?;
    let echoed = rt.block_on(echo(arguments))?;
    println!("  {tally}");
    println!("  {echoed} messages were echoed, each as it was sent");
    Ok(())
}

/// Returns how many messages came back.
async fn echo(arguments: Arguments) -> io::Result<u32> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    runtime::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            runtime::spawn(async move { futures::io::copy(&stream, &mut &stream).await });
        }
    });

    let clients = (0..arguments.clients).map(|client| {
        runtime::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            for message in 0..arguments.messages {
                let text = format!("message {message} of client {client}");
                stream.write_all(text.as_bytes()).await?;
                let mut answer = vec![0; text.len()];
                stream.read_exact(&mut answer).await?;
                assert_eq!(answer, text.as_bytes());
            }
            Ok::<_, io::Error>(arguments.messages)
        })
    });
    let mut echoed = 0;
    for client in clients.collect::<Vec<_>>() {
        echoed += client.await??;
    }
    Ok(echoed)
}
