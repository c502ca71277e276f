//! What several tests need.

#![allow(dead_code, missing_docs, unreachable_pub)]

#[path = "../../../runtime/core/tests/support/selectors.rs"]
pub mod selectors;

#[cfg(unix)]
pub mod folder;
pub mod recorder;

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use futures::future::{Either, select};
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};

/// Two ends of one connection.
pub async fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let (server, peer) = listener.accept().await?;
    assert_eq!(peer, client.local_addr()?);
    Ok((client, server))
}

/// One end with the loop, the other with the blocking calls of the standard library.
pub async fn half_pair() -> io::Result<(TcpStream, std::net::TcpStream)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let stream = TcpStream::connect(listener.local_addr()?).await?;
    Ok((stream, listener.accept()?.0))
}

/// Two UDP sockets that are connected to each other.
pub async fn udp_pair() -> io::Result<(UdpSocket, UdpSocket)> {
    let one = UdpSocket::bind("127.0.0.1:0").await?;
    let other = UdpSocket::builder().remote(one.local_addr()?).bind("127.0.0.1:0").await?;
    one.connect(other.local_addr()?).await?;
    Ok((one, other))
}

/// Makes the loop turn and look at the reactor: a byte goes to and fro over a connection, `times` times.
pub async fn round_trips(times: usize) -> io::Result<()> {
    let (mut client, mut server) = pair().await?;
    for _ in 0..times {
        let mut byte = [0];
        client.write_all(b"a").await?;
        server.read_exact(&mut byte).await?;
        server.write_all(&byte).await?;
        client.read_exact(&mut byte).await?;
    }
    Ok(())
}

/// Polls `future` while the loop turns a few times; tells whether it is still pending.
pub async fn stays_pending<F: Future + Unpin>(future: &mut F) -> io::Result<bool> {
    let mut turns = pin!(round_trips(3));
    poll_fn(|cx| {
        if pin!(&mut *future).poll(cx).is_ready() {
            return Poll::Ready(Ok(false));
        }
        turns.as_mut().poll(cx).map_ok(|()| true)
    })
    .await
}

/// Fills the send buffer until the system takes no more for good, and tells how many bytes went in.
pub async fn fill(stream: &TcpStream) -> io::Result<usize> {
    let chunk = [0; 65536];
    let (mut sum, mut refusals) = (0, 0);
    // A late acknowledgement can still make room once.
    while refusals < 3 {
        match stream.try_write(&chunk) {
            Ok(written) => {
                sum += written;
                refusals = 0;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                refusals += 1;
                round_trips(3).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(sum)
}

/// An address at which nobody listens.
pub fn closed() -> io::Result<SocketAddr> {
    // The port was free a moment ago, and the system hands out others first.
    std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// An address that answers nothing, on Linux: a listener whose queue is full, which makes the system ignore
/// further SYNs.
pub struct BlackHole {
    listener: TcpListener,
    _in_the_queue: Vec<TcpStream>,
}

impl BlackHole {
    pub async fn new() -> io::Result<BlackHole> {
        let socket = TcpSocket::new_v4()?;
        socket.bind("127.0.0.1:0".parse().expect("an address"))?;
        let listener = socket.listen(0)?;
        let address = listener.local_addr()?;
        let mut _in_the_queue = Vec::new();
        loop {
            let turns = round_trips(3);
            match select(pin!(TcpStream::connect(address)), pin!(turns)).await {
                Either::Left((connected, _)) => _in_the_queue.push(connected?),
                Either::Right(_) => return Ok(BlackHole { listener, _in_the_queue }),
            }
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("a listener has an address")
    }
}

/// How many descriptors the process has open; of use only to a test that is alone in its process.
#[cfg(target_os = "linux")]
pub fn descriptors() -> io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/fd")?.count())
}
