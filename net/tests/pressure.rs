//! A server that is out of descriptors: 500 clients and a limit of 64.

#![cfg(target_os = "linux")]

use std::env;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use futures::channel::oneshot;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::{TcpListener, TcpStream};
use rustix::process::{Resource, Rlimit, setrlimit};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(out_of_descriptors_backs_off_while_connections_go_on,);

const CHILD: &str = "RUNTIME_TEST_SERVER";
const TEST: &str = "out_of_descriptors_backs_off_while_connections_go_on";
const CLIENTS: usize = 500;
const COMPLAINT: &str = "cannot accept connections for now";

fn out_of_descriptors_backs_off_while_connections_go_on() -> io::Result<()> {
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

/// The child: echoes, and ends when every client has been served.
fn server() -> io::Result<()> {
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: Some(64) })?;
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("\nlistening on {}", listener.local_addr()?);
        let mut tasks = Vec::new();
        for _ in 0..=CLIENTS {
            let (stream, _) = listener.accept().await?;
            tasks.push(runtime::spawn(async move {
                let result = futures::io::copy(&stream, &mut &stream).await;
                result.map(drop)
            }));
        }
        // The queue is empty now, and accepting still works as ever.
        assert!(listener.accept().now_or_never().is_none());
        for task in tasks {
            task.await.expect("no panic")?;
        }
        Ok(())
    })
}

/// The parent: returns how many lines the server logged.
fn clients(child: &mut Child) -> io::Result<usize> {
    // Kept to the end, or the server could not write its last lines.
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
        echo(&mut established).await?;

        let (close, may_close) = oneshot::channel::<()>();
        let may_close = may_close.shared();
        let tasks: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (address, may_close) = (address.clone(), may_close.clone());
                runtime::spawn(async move {
                    let mut stream = TcpStream::connect(address).await?;
                    echo(&mut stream).await?;
                    let _ = may_close.await;
                    echo(&mut stream).await
                })
            })
            .collect();

        complained.await.expect("the server complains");
        for _ in 0..20 {
            echo(&mut established).await?;
        }
        assert!(tasks.iter().all(|task| !task.is_finished()));
        // From here on each client that goes lets another one in.
        close.send(()).expect("the clients wait");
        for task in tasks {
            task.await.expect("no panic")?;
        }
        Ok::<_, io::Error>(())
    })?;
    stdout.for_each(drop);
    Ok(counting.join().expect("no panic"))
}

async fn echo(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"hello").await?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await?;
    assert_eq!(&answer, b"hello");
    Ok(())
}
