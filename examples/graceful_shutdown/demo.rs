//! Three clients who are busy when the server is told to end: one finishes in time, one is asked to end, and
//! one is dropped.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::AsyncWriteExt;
use futures::io::{AsyncBufReadExt, BufReader};
use runtime::net::TcpStream;
use runtime::task::{JoinHandle, TaskGroup};
use runtime::time::sleep;

use crate::told;

pub(crate) fn start(server: SocketAddr) -> JoinHandle<io::Result<()>> {
    runtime::spawn(async move {
        let all = TaskGroup::run(async |group| {
            group.spawn(client(server, "quick", "work 100"));
            group.spawn(client(server, "slow", "work 60000"));
            group.spawn(client(server, "sulky", "sulk"));
            // Long enough for all of them to have been heard.
            sleep(Duration::from_millis(50)).await;
            told::tell()
        });
        Ok(all.await?)
    })
}

async fn client(server: SocketAddr, name: &str, request: &str) -> io::Result<()> {
    let stream = TcpStream::connect(server).await?;
    (&stream).write_all(format!("{request}\n").as_bytes()).await?;
    let mut lines = BufReader::new(&stream);
    loop {
        let mut line = String::new();
        match lines.read_line(&mut line).await {
            Ok(0) | Err(_) => break,
            Ok(_) => println!("    to the {name} client: {}", line.trim_end()),
        }
    }
    println!("    the {name} client is alone");
    Ok(())
}
