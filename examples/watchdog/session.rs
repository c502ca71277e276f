//! What clients may ask, a line each: `ping`, and `digest TEXT`, which takes long.

use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncWriteExt, TryStreamExt};
use runtime::net::TcpStream;

/// Where the work of a request is done.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// On the thread of the loop, by mistake.
    Here,
    /// On one that may block.
    Elsewhere,
}

/// Serves a client until it leaves.
pub(crate) async fn serve(stream: TcpStream, work: Work) -> io::Result<()> {
    let mut lines = BufReader::new(&stream).lines();
    while let Some(line) = lines.try_next().await? {
        let answer = match line.split_once(' ') {
            None if line == "ping" => "pong".to_owned(),
            Some(("digest", text)) => digest(text.to_owned(), work).await,
            _ => "what?".to_owned(),
        };
        (&stream).write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}

async fn digest(text: String, work: Work) -> String {
    let digest = match work {
        Work::Here => stretch(&text),
        Work::Elsewhere => runtime::spawn_blocking(move || stretch(&text)).await.unwrap_or(0),
    };
    format!("{digest:016x}")
}

/// A digest that takes long on purpose, as those of passwords do. This is what the report names.
#[inline(never)]
fn stretch(text: &str) -> u64 {
    let begin = Instant::now();
    let mut digest = 0xcbf2_9ce4_8422_2325;
    while begin.elapsed() < Duration::from_millis(300) {
        for byte in text.bytes().cycle().take(10_000) {
            digest = black_box((digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        }
    }
    digest
}
