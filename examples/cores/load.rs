//! The load: connections that each send a few requests at once, wait for the answers, and go on.
//!
//! That they are sent together keeps the cost of the load, which competes with the server for the processors,
//! at a few microseconds a request.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::Runtime;
use runtime::net::TcpStream;

use crate::server::response_length;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: cores\r\n\r\n";
/// Requests that a connection sends together.
const TOGETHER: usize = 8;

#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) until: Until,
}

/// When a connection has had enough.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// After so many requests.
    Requests(u32),
    /// When so much time has passed.
    After(Duration),
}

/// What came of a load.
pub(crate) struct Answers {
    pub(crate) count: u64,
    elapsed: Duration,
}

impl Answers {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }
}

/// Puts the load on a server, from a loop of this thread.
pub(crate) fn run(server: SocketAddr, load: &Load) -> io::Result<Answers> {
    Runtime::new()?.block_on(async {
        let streams = (0..load.connections).map(|_| TcpStream::connect(server));
        let streams = try_join_all(streams).await?;
        let start = Instant::now();
        let clients = streams.into_iter().map(|stream| {
            let client = client(stream, load.until, start);
            async { runtime::spawn(client).await? }
        });
        let counts = try_join_all(clients).await?;
        Ok(Answers { count: counts.iter().sum(), elapsed: start.elapsed() })
    })
}

async fn client(mut stream: TcpStream, until: Until, start: Instant) -> io::Result<u64> {
    stream.set_nodelay(true)?;
    let requests = REQUEST.repeat(TOGETHER);
    let mut responses = vec![0; response_length() * TOGETHER];
    let mut answered = 0;
    loop {
        let together = match until {
            Until::Requests(all) => TOGETHER.min((u64::from(all) - answered) as usize),
            Until::After(limit) if start.elapsed() < limit => TOGETHER,
            Until::After(_) => 0,
        };
        if together == 0 {
            return Ok(answered);
        }
        stream.write_all(&requests[..REQUEST.len() * together]).await?;
        let responses = &mut responses[..response_length() * together];
        stream.read_exact(responses).await?;
        if !responses.chunks(response_length()).all(|each| each.starts_with(b"HTTP/1.1 200 OK")) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "that is no answer"));
        }
        answered += together as u64;
    }
}
