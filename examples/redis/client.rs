//! A client that sends everything it has to say at once.

use std::io;
use std::net::SocketAddr;

use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncWriteExt};
use runtime::net::TcpStream;

/// Lines of words are as good as the lists that clients send.
const COMMANDS: &[&str] = &[
    "PING",
    "SET greeting hello",
    "GET greeting",
    "INCR visits",
    "INCRBY visits 41",
    "RPUSH list a b c",
    "LPOP list",
    "GET list",
    "DEL greeting list",
    "SET fleeting moment PX 60000",
    "TTL fleeting",
    "DBSIZE",
];

/// Tries some commands, and ends the server.
pub(crate) async fn run(server: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    let pipeline: String = COMMANDS.iter().map(|command| format!("{command}\r\n")).collect();
    stream.write_all(pipeline.as_bytes()).await?;
    let mut replies = BufReader::new(&stream).lines();
    for command in COMMANDS {
        let mut reply = next(&mut replies).await?;
        if reply.starts_with('$') {
            reply = next(&mut replies).await?;
        }
        println!("{command:30} {reply}");
    }
    (&stream).write_all(b"SHUTDOWN\r\n").await
}

async fn next(lines: &mut futures::io::Lines<BufReader<&TcpStream>>) -> io::Result<String> {
    use futures::StreamExt;
    lines.next().await.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))
}
