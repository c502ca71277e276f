//! What it costs the proxy to pass bytes on, by either way.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use examples::bold;
use runtime::net::Server;

use crate::cpu;
use crate::relay::{self, Way};

const CHUNK: usize = 1 << 20;

/// Sends `size` bytes up and as many down, by splice(2) and through buffers.
///
/// The proxy has this thread; client and server have two others, which are not counted.
pub(crate) async fn run(size: u64) -> io::Result<()> {
    println!("{}", bold(&format!("{} MB up, as many down, through the proxy", size >> 20)));
    for way in [Way::Spliced, Way::Buffered] {
        let (taken, busy) = measure(size, way).await?;
        let gigabytes = 2.0 * size as f64 / f64::from(1 << 30);
        let rate = gigabytes / taken.as_secs_f64();
        let busy = match busy {
            Some(busy) => {
                format!("{:4.0} ms of the processor a GiB", busy.as_secs_f64() * 1e3 / gigabytes)
            }
            None => "an unknown share of the processor".to_owned(),
        };
        println!("{:10} {rate:5.2} GiB/s, {busy}", format!("{way:?}"));
    }
    Ok(())
}

async fn measure(size: u64, way: Way) -> io::Result<(Duration, Option<Duration>)> {
    let behind = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = behind.local_addr()?.port();
    let proxy = Server::builder()
        .bind("127.0.0.1", 0)
        .serve(async move |client, _| {
            match relay::to_server(client, ("127.0.0.1", port), way).await {
                Ok(counts) => assert_eq!(counts, (size, size), "bytes have been lost"),
                Err(error) => println!("proxy: {error}"),
            }
        })
        .await?;
    let address = proxy.local_addrs()[0];

    let (began, before) = (Instant::now(), cpu::time());
    let exchange = runtime::spawn_blocking(move || {
        let server = thread::spawn(move || exchange(behind.accept()?.0, size));
        let down = exchange(TcpStream::connect(address)?, size)?;
        let up = server.join().expect("the server does not panic")?;
        io::Result::Ok((up, down))
    });
    let counts = exchange.await.map_err(io::Error::other)??;
    assert_eq!(counts, (size, size), "bytes have been lost");
    let (taken, after) = (began.elapsed(), cpu::time());
    // Nobody is left who could be in its way.
    let _ = proxy.shutdown(Duration::from_secs(1)).await;
    Ok((taken, after.zip(before).map(|(after, before)| after - before)))
}

/// Sends so many bytes, and counts what comes.
fn exchange(mut stream: TcpStream, size: u64) -> io::Result<u64> {
    let mut sending = stream.try_clone()?;
    let sender = thread::spawn(move || {
        let chunk = vec![7; CHUNK];
        let mut left = size;
        while left > 0 {
            let next = left.min(CHUNK as u64);
            sending.write_all(&chunk[..next as usize])?;
            left -= next;
        }
        sending.shutdown(Shutdown::Write)
    });
    let (mut count, mut buffer) = (0, vec![0; CHUNK]);
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            length => count += length as u64,
        }
    }
    sender.join().expect("the sender does not panic")?;
    Ok(count)
}
