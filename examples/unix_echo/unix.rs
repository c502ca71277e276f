//! The server, and a client that hands over the writing end of a pipe instead of a message.

use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;

use clap::Parser;
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::unix::{SocketAddr, pipe};
use runtime::net::{UnixListener, UnixStream};

use crate::names;

/// Echoes to programs of this machine.
#[derive(Parser)]
struct Options {
    /// The socket to serve on: a path, or `@` and an abstract name
    #[arg(long, value_name = "PATH|@NAME")]
    listen: Option<String>,
}

pub(crate) fn main() -> io::Result<()> {
    let options = Options::parse();
    runtime::run(async {
        match options.listen {
            Some(name) => serve(UnixListener::bind_addr(&address(&name)?)?).await,
            None => ask_oneself().await,
        }
    })
}

fn address(name: &str) -> io::Result<SocketAddr> {
    match name.strip_prefix('@') {
        Some(name) => names::abstract_address(name),
        None => SocketAddr::from_pathname(name),
    }
}

async fn serve(listener: UnixListener) -> io::Result<()> {
    let listener = listener.unlink_on_drop(true);
    println!("echo server on {:?}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        println!("here is {}", names::peer(&stream)?);
        runtime::spawn(async move {
            if let Err(error) = echo(&stream).await {
                eprintln!("a connection failed: {error}");
            }
        });
    }
}

/// Echoes what arrives; a descriptor that comes along is a pipe for the answer.
async fn echo(mut stream: &UnixStream) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let mut message = stream.recv_fds(&mut buffer, 1).await?;
        if message.len == 0 {
            return Ok(());
        }
        let bytes = &buffer[..message.len];
        match message.fds.pop() {
            Some(fd) => pipe::Sender::try_from(fd)?.write_all(bytes).await?,
            None => stream.write_all(bytes).await?,
        }
    }
}

async fn ask_oneself() -> io::Result<()> {
    let path = std::env::temp_dir().join(format!("unix-echo-{}", std::process::id()));
    runtime::spawn(serve(UnixListener::bind(PathBuf::from(&path))?));
    let mut stream = UnixStream::connect(&path).await?;

    stream.write_all(b"by the socket").await?;
    let mut echo = [0; 13];
    stream.read_exact(&mut echo).await?;
    println!("echo: {}", String::from_utf8_lossy(&echo));

    let (sender, mut receiver) = pipe::pipe()?;
    stream.send_fds(b"by a pipe", &[sender.as_fd()]).await?;
    drop(sender);
    let mut echo = String::new();
    receiver.read_to_string(&mut echo).await?;
    println!("echo: {echo}");
    Ok(())
}
