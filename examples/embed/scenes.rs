//! What goes on inside: timers, TCP, wakes from another thread, and nothing at all.

use std::future::{Future, pending};
use std::io;
use std::thread;
use std::time::Duration;

use clap::Parser;
use examples::bold;
use futures::channel::oneshot;
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::Runtime;
use runtime::net::{TcpListener, TcpStream};
use runtime::time::interval;

use crate::foreign::{Effort, Foreign};

/// Drives the runtime from a loop made of poll(2), and counts what it costs.
#[derive(Parser)]
struct Options {
    /// Seconds in which nothing happens
    #[arg(long, default_value = "1", value_name = "SECONDS")]
    idle: f64,
}

pub(crate) fn play() -> io::Result<()> {
    let idle = Duration::try_from_secs_f64(Options::parse().idle).map_err(io::Error::other)?;
    let mut foreign = Foreign::new(Runtime::new()?)?;

    scene(&mut foreign, "a timer that ticks five times", async {
        let mut interval = interval(Duration::from_millis(20));
        for _ in 0..5 {
            interval.tick().await;
        }
        Ok(())
    })?;

    let listener = foreign.guest().block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    foreign.guest().spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            runtime::spawn(async move { futures::io::copy(&stream, &mut &stream).await });
        }
    });
    scene(&mut foreign, "a hundred echoes over TCP", async move {
        let mut stream = TcpStream::connect(address).await?;
        let mut reply = [0; 5];
        for _ in 0..100 {
            stream.write_all(b"hello").await?;
            stream.read_exact(&mut reply).await?;
        }
        // Stays open, with nothing to say.
        runtime::spawn(async move {
            let _stream = stream;
            pending::<()>().await;
        });
        Ok(())
    })?;

    scene(&mut foreign, "a task woken by another thread", async {
        let (send, value) = oneshot::channel();
        let thread = thread::spawn(move || send.send(42));
        assert_eq!(value.await, Ok(42));
        assert_eq!(thread.join().expect("the thread does not panic"), Ok(()));
        Ok(())
    })?;

    // A server waits for connections, both ends of a connection wait for data, and that costs nothing.
    let effort = foreign.run_for(idle)?;
    show(&format!("{idle:?} in which nothing happens"), effort);
    Ok(())
}

/// Has the guest run a task, which at its end sends a message to the loop around it.
fn scene(
    foreign: &mut Foreign,
    title: &str,
    task: impl Future<Output = io::Result<()>> + 'static,
) -> io::Result<()> {
    let sender = foreign.sender()?;
    let task = foreign.guest().spawn(async move {
        let result = task.await;
        rustix::io::write(&sender, b"!")?;
        result
    });
    let effort = foreign.run_until_message()?;
    show(title, effort);
    foreign.guest().block_on(task)?
}

fn show(title: &str, Effort { rounds, turns }: Effort) {
    println!("{}: {rounds} round(s) of poll, {turns} turn(s) of the runtime", bold(title));
}
