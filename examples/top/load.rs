//! The load: clients on a loop of their own.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::future::join_all;
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncWriteExt};
use runtime::Runtime;
use runtime::net::TcpStream;
use runtime::task;
use runtime::time::sleep;

/// Runs clients until the server is gone.
pub(crate) fn run(server: SocketAddr, clients: u32) -> io::Result<()> {
    Runtime::new()?.block_on(async {
        let spawn = |number| {
            let client = client(server, number);
            task::Builder::new().name(&format!("client {number}")).spawn(client)
        };
        join_all((0..clients).map(spawn)).await;
        Ok(())
    })
}

/// Asks again and again, a little less often than it could.
async fn client(server: SocketAddr, number: u32) -> io::Result<()> {
    let stream = TcpStream::connect(server).await?;
    let mut reader = BufReader::new(&stream);
    let mut answer = String::new();
    // The first one asks for more than all others.
    let request = if number == 0 { "200000\n" } else { "2000\n" };
    loop {
        (&stream).write_all(request.as_bytes()).await?;
        answer.clear();
        if reader.read_line(&mut answer).await? == 0 {
            return Ok(());
        }
        sleep(Duration::from_millis(5)).await;
    }
}
