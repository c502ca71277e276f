//! The server: the same on each loop, with nothing in common but the address.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::LoopGroup;
use runtime::net::{TcpListener, TcpSocket, TcpStream};
use rustix::time::{ClockId, clock_gettime};

/// Bytes read at once, which is also the limit of a request.
const BUFFER: usize = 8 * 1024;
/// What a request ends with; these have no bodies.
const END: &[u8] = b"\r\n\r\n";

thread_local! {
    /// The requests that the loop of this thread has answered.
    static ANSWERED: Cell<u64> = const { Cell::new(0) };
}

/// Loops that serve one address.
pub(crate) struct Server {
    group: LoopGroup,
    address: SocketAddr,
}

impl Server {
    pub(crate) fn start(
        address: SocketAddr,
        loops: usize,
        pin: bool,
        work: Work,
    ) -> io::Result<Server> {
        let group = LoopGroup::builder().loops(loops).thread_name("server").pin(pin).build()?;
        // Bound and not listening, it gets no connection, but finds a free port for the others.
        let reserved = socket(address)?;
        let address = reserved.local_addr()?;
        let listening = group.run(move |index| async move {
            let listener = socket(address)?.listen(1024)?;
            drop(runtime::spawn(serve(listener, index, work)));
            Ok::<_, io::Error>(())
        });
        for result in listening {
            result??;
        }
        Ok(Server { group, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn loops(&self) -> usize {
        self.group.len()
    }

    /// How many requests each loop has answered.
    pub(crate) fn answered(&self) -> io::Result<Vec<u64>> {
        let counts = self.group.run(|_| async { ANSWERED.get() });
        Ok(counts.into_iter().collect::<Result<_, _>>()?)
    }

    /// The processor time that all loops together have used.
    pub(crate) fn processor_time(&self) -> io::Result<Duration> {
        let times = self.group.run(|_| async {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            Duration::try_from(time).unwrap_or_default()
        });
        Ok(times.into_iter().sum::<Result<_, _>>()?)
    }

    pub(crate) fn stop(self) -> io::Result<()> {
        let report = self.group.shutdown(Duration::from_secs(10));
        if report.ended_well() { Ok(()) } else { Err(io::Error::other(report.to_string())) }
    }

    /// Serves until every loop has ended, which takes a mishap.
    pub(crate) fn join(self) -> io::Result<()> {
        Err(io::Error::other(self.group.join().to_string()))
    }
}

/// A socket that shares its address with others.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_for(address)?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn serve(listener: TcpListener, index: usize, work: Work) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        drop(runtime::spawn(async move {
            match answer(stream, index, work).await {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
                Err(error) => eprintln!("connection from {peer}: {error}"),
            }
        }));
    }
}

/// Answers requests, however many come at once, until there are no more.
async fn answer(mut stream: TcpStream, index: usize, work: Work) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; BUFFER];
    let mut filled = 0;
    loop {
        let count = stream.read(&mut buffer[filled..]).await?;
        if count == 0 {
            return stream.close().await;
        }
        filled += count;
        let mut responses = Vec::new();
        let mut done = 0;
        while let Some(end) = find(&buffer[done..filled], END) {
            done += end + END.len();
            responses.extend(response(index, work.run(done as u64)));
            ANSWERED.set(ANSWERED.get() + 1);
        }
        buffer.copy_within(done..filled, 0);
        filled -= done;
        if filled == buffer.len() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the request is too long"));
        }
        stream.write_all(&responses).await?;
    }
}

/// All of them have the same length, to the delight of the load generator.
fn response(index: usize, digest: u64) -> Vec<u8> {
    let body = format!("loop {index:5} says {digest:016x}\n");
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// Bytes of a response.
pub(crate) fn response_length() -> usize {
    response(0, 0).len()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// What a request costs.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    kib: usize,
}

impl Work {
    pub(crate) fn of(kib: usize) -> Work {
        Work { kib }
    }

    /// Hashes as much as it was told to.
    fn run(self, seed: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(seed);
        (0..self.kib).for_each(|_| hasher.write(&[0; 1024]));
        hasher.finish()
    }

    /// How long that takes: the best of many.
    pub(crate) fn cost(self) -> Duration {
        let costs = (0..100).map(|seed| {
            let start = Instant::now();
            std::hint::black_box(self.run(seed));
            start.elapsed()
        });
        costs.min().unwrap_or_default()
    }
}
