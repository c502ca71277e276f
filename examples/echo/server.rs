//! The server: a task for each connection.

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};

/// Bytes read at once.
const BUFFER: usize = 16 * 1024;

/// Accepts connections for ever.
pub(crate) async fn serve(listener: &TcpListener) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        runtime::spawn(async move {
            match echo(stream).await {
                // Clients come and go, and some do not say goodbye.
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
                Err(error) => eprintln!("connection from {peer}: {error}"),
            }
        });
    }
}

/// Sends back what comes in, until the peer has said everything.
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return stream.close().await;
        }
        stream.write_all(&buffer[..count]).await?;
    }
}
