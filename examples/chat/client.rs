//! A client: the terminal on one side, the server on the other.

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::thread;

use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::future::{Either, select};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use runtime::net::TcpStream;

/// Passes on lines in both directions, until one of the two ends.
pub(crate) async fn run(server: SocketAddr) -> io::Result<()> {
    let (mut reader, mut writer) = TcpStream::connect(server).await?.into_split();
    let mut typed = typed_lines()?;
    let upwards = pin!(async {
        while let Some(line) = typed.next().await {
            writer.write_all(line.as_bytes()).await?;
        }
        writer.close().await?;
        // The server still has something to say, perhaps.
        futures::future::pending::<io::Result<()>>().await
    });
    let downwards = pin!(async {
        let mut buffer = vec![0; 4096];
        loop {
            let count = reader.read(&mut buffer).await?;
            if count == 0 {
                return Ok(());
            }
            let mut out = io::stdout().lock();
            out.write_all(&buffer[..count])?;
            out.flush()?;
        }
    });
    match select(upwards, downwards).await {
        Either::Left((result, _)) | Either::Right((result, _)) => result,
    }
}

/// Reads the terminal on a thread of its own: it can only be read by waiting, perhaps for ever, and a
/// job of the blocking pool that never ends would be in the way of others.
fn typed_lines() -> io::Result<UnboundedReceiver<String>> {
    let (typed, lines) = unbounded();
    let read = move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if typed.unbounded_send(line + "\n").is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("terminal".into()).spawn(read)?;
    Ok(lines)
}
