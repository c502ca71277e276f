//! What the server does for its clients.

use std::hash::{DefaultHasher, Hasher};
use std::io;

use futures::channel::mpsc::UnboundedSender;
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::task;

/// Serves everybody who connects. Each request is a number on a line, and its answer the hash of all numbers
/// below it, which takes the longer the higher it is.
pub(crate) async fn accept(listener: TcpListener, counter: UnboundedSender<u64>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let counter = counter.clone();
        task::Builder::new().name("session").spawn(async move {
            // A client that goes is no news.
            let _ = serve(stream, counter).await;
        });
    }
}

async fn serve(stream: TcpStream, counter: UnboundedSender<u64>) -> io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let count: u64 = line.trim().parse().map_err(io::Error::other)?;
        let answer = hash(count.min(10_000_000));
        let _ = counter.unbounded_send(count);
        (&stream).write_all(format!("{answer:016x}\n").as_bytes()).await?;
    }
}

pub(crate) fn hash(count: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (0..count).for_each(|number| hasher.write_u64(number));
    hasher.finish()
}
