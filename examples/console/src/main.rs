//! Tasks of every temper, to be looked at with tokio-console.
//!
//! ```text
//! cd examples/console && cargo run --release      and in another terminal:
//! tokio-console                                   (cargo install --locked tokio-console)
//! ```
//!
//! It has to be built in its own folder, whose configuration tells `console-subscriber` that it is not to look
//! for tokio.
//!
//! `console_subscriber::init` is all that a program needs: from then on its loops tell the console of their
//! tasks. What the console talks to is a thread that this function starts. There is more to it in the
//! documentation of `runtime::tracing`.

use std::future::pending;
use std::io;
use std::thread;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::task::{Builder, yield_now};
use runtime::time::{interval, sleep};
use runtime::{spawn, spawn_blocking};

fn main() -> io::Result<()> {
    console_subscriber::init();
    println!("run `tokio-console` in another terminal; Ctrl-C ends this program");
    runtime::run(zoo())
}

async fn zoo() -> io::Result<()> {
    named("ticker", tick(Duration::from_millis(50)));
    named("greedy", hog(Duration::from_millis(30)));
    named("fidget", fidget());
    named("stuck", pending());
    named("hasher", digest());
    named("swarm", swarm());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    named("server", async move { serve(listener).await.unwrap_or_else(|error| panic!("{error}")) });
    let mut stream = TcpStream::connect(address).await?;
    loop {
        stream.write_all(b"ping").await?;
        stream.read_exact(&mut [0; 4]).await?;
        sleep(Duration::from_millis(100)).await;
    }
}

#[track_caller]
fn named(name: &str, future: impl Future<Output = ()> + 'static) {
    drop(Builder::new().name(name).spawn(future));
}

/// Does what tasks do most of the time: waits.
async fn tick(period: Duration) {
    let mut ticks = interval(period);
    loop {
        ticks.tick().await;
    }
}

/// Keeps the loop to itself once a second: see the `Busy` column, and the histogram of its polls.
async fn hog(time: Duration) {
    loop {
        thread::sleep(time);
        sleep(Duration::from_secs(1)).await;
    }
}

/// Wakes itself all the time, of which the console warns.
async fn fidget() {
    loop {
        for _ in 0..5 {
            yield_now().await;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Has jobs done by the blocking pool, which have rows of their own, and does not wait in vain.
async fn digest() {
    loop {
        let job = spawn_blocking(|| thread::sleep(Duration::from_millis(200)));
        job.await.expect("the job does not panic");
        sleep(Duration::from_millis(800)).await;
    }
}

/// Tasks that come and go.
async fn swarm() {
    loop {
        for number in 1..=5 {
            drop(spawn(sleep(Duration::from_millis(number * 300))));
        }
        sleep(Duration::from_secs(2)).await;
    }
}

/// Sends back what it is sent, each connection in a task of its own.
async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, peer) = listener.accept().await?;
        let name = format!("echo {peer}");
        let echo = async move {
            let mut buffer = [0; 1024];
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                if stream.write_all(&buffer[..read]).await.is_err() {
                    break;
                }
            }
        };
        drop(Builder::new().name(&name).spawn(echo));
    }
}
