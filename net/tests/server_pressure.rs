//! What a server does when the process has no descriptors left, and when clients come and go in storms.

#![cfg(target_os = "linux")]

use std::env;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::channel::oneshot;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::{Server, TcpStream};
use rustix::process::{Resource, Rlimit, setrlimit};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_server_without_descriptors_serves_on_and_recovers,
    a_storm_of_resets_is_weathered,
    connections_that_die_in_the_queue_are_no_matter,
);

const CHILD: &str = "RUNTIME_TEST_SERVER";
const TEST: &str = "a_server_without_descriptors_serves_on_and_recovers";
const CLIENTS: usize = 300;
const COMPLAINT: &str = "cannot accept connections for now";
const LONG: Duration = Duration::from_secs(600);

fn a_server_without_descriptors_serves_on_and_recovers() -> io::Result<()> {
    if env::var_os(CHILD).is_some() {
        return server();
    }
    let module = selectors::choice().module;
    let mut child = Command::new(env::current_exe()?)
        .args(["--exact", &format!("{module}::{TEST}"), "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let result = clients(&mut child);
    if result.is_err() {
        child.kill()?;
    }
    assert!(child.wait()?.success() || result.is_err());
    assert_eq!(result?, 1, "lines in the log");
    Ok(())
}

/// The child: echoes until a client says `q`.
fn server() -> io::Result<()> {
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: Some(64) })?;
    run(async {
        let (quit, told_to_quit) = oneshot::channel();
        let quit = std::cell::Cell::new(Some(quit));
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async move |mut stream, _| {
                let mut byte = [0];
                while stream.read(&mut byte).await? == 1 {
                    if byte == *b"q" {
                        quit.take().map(|quit| quit.send(()));
                    }
                    stream.write_all(&byte).await?;
                }
                io::Result::Ok(())
            })
            .await?;
        println!("\nlistening on {}", server.local_addrs()[0]);
        told_to_quit.await.expect("the handler says so");
        let report = server.shutdown(LONG).await;
        assert!(report.ended_well(), "{report}");
        Ok(())
    })
}

/// The parent: returns how many lines the server logged.
fn clients(child: &mut Child) -> io::Result<usize> {
    let mut stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
    let address = stdout
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        .expect("the server tells its address");
    let stderr = BufReader::new(child.stderr.take().expect("piped"));
    let (first_complaint, complained) = oneshot::channel();
    let counting = std::thread::spawn(move || {
        let mut first_complaint = Some(first_complaint);
        let mut complaints = 0;
        for line in stderr.lines().map_while(Result::ok) {
            if line.contains(COMPLAINT) {
                complaints += 1;
                first_complaint.take().map(|first| first.send(()));
            } else {
                eprintln!("server: {line}");
            }
        }
        complaints
    });
    run(async {
        let mut established = TcpStream::connect(&address).await?;
        exchange(&mut established, b"a").await?;
        let (close, may_close) = oneshot::channel::<()>();
        let may_close = may_close.shared();
        let tasks: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (address, may_close) = (address.clone(), may_close.clone());
                runtime::spawn(async move {
                    let mut stream = TcpStream::connect(address).await?;
                    exchange(&mut stream, b"b").await?;
                    let _ = may_close.await;
                    exchange(&mut stream, b"c").await
                })
            })
            .collect();
        complained.await.expect("the server complains");
        for _ in 0..20 {
            exchange(&mut established, b"d").await?;
        }
        close.send(()).expect("the clients wait");
        for task in tasks {
            task.await.expect("no panic")?;
        }
        exchange(&mut established, b"q").await
    })?;
    stdout.for_each(drop);
    Ok(counting.join().expect("no panic"))
}

async fn exchange(stream: &mut TcpStream, byte: &[u8; 1]) -> io::Result<()> {
    stream.write_all(byte).await?;
    let mut answer = [0];
    stream.read_exact(&mut answer).await?;
    assert_eq!(&answer, byte);
    Ok(())
}

/// Ends a connection by a reset.
fn reset(stream: std::net::TcpStream) -> io::Result<()> {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))
}

async fn echo_server(limit: usize) -> io::Result<(Server, SocketAddr)> {
    let server = Server::builder()
        .bind("127.0.0.1", 0)
        .max_connections(limit)
        .serve(async |stream, _| futures::io::copy(&stream, &mut &stream).await)
        .await?;
    let address = server.local_addrs()[0];
    Ok((server, address))
}

fn a_storm_of_resets_is_weathered() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server(usize::MAX).await?;
        let mut established = TcpStream::connect(address).await?;
        exchange(&mut established, b"a").await?;
        for round in 0..20 {
            for index in 0..50 {
                let mut stream = std::net::TcpStream::connect(address)?;
                if index % 2 == 0 {
                    io::Write::write_all(&mut stream, b"never to be read")?;
                }
                reset(stream)?;
                if index % 10 == round % 10 {
                    runtime::task::yield_now().await;
                }
            }
            exchange(&mut established, b"b").await?;
        }
        while server.connections() > 1 {
            exchange(&mut established, b"c").await?;
        }
        drop(established);
        let report = server.shutdown(LONG).await;
        assert!(report.ended_well(), "{report}");
        Ok(())
    })
}

fn connections_that_die_in_the_queue_are_no_matter() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server(1).await?;
        let mut inside = TcpStream::connect(address).await?;
        exchange(&mut inside, b"a").await?;
        // The server is full, and those below die before it accepts them.
        for _ in 0..100 {
            reset(std::net::TcpStream::connect(address)?)?;
        }
        let mut outside = TcpStream::connect(address).await?;
        outside.write_all(b"b").await?;
        drop(inside);
        outside.read_exact(&mut [0]).await?;
        drop(outside);
        assert!(server.shutdown(LONG).await.ended_well());
        Ok(())
    })
}
