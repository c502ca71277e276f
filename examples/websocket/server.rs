//! The server: a task for each connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_tungstenite::accept_async_with_config;
use async_tungstenite::tungstenite::protocol::WebSocketConfig;
use async_tungstenite::tungstenite::{Bytes, Error, Message, Result};
use futures::StreamExt;
use runtime::net::{TcpListener, TcpStream};
use runtime::time::timeout;

/// How long a client may take to ask for a WebSocket.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A client that says nothing for so long is asked whether it is still there, and dropped if it does not
/// answer in the same time.
const IDLE: Duration = Duration::from_secs(30);

/// The longest message, in bytes.
const LONGEST: usize = 1 << 20;

/// Accepts connections for ever.
pub(crate) async fn run(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("websocket on ws://{}/", listener.local_addr()?);
    loop {
        let (stream, peer) = listener.accept().await?;
        runtime::spawn(async move {
            match echo(stream).await {
                Ok(count) => println!("{peer} left after {count} messages"),
                Err(error) => println!("{peer} left: {error}"),
            }
        });
    }
}

/// Sends back what comes in, and counts it.
async fn echo(stream: TcpStream) -> Result<usize> {
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default();
    let config = config.max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
    let accepted = timeout(HANDSHAKE, accept_async_with_config(stream, Some(config))).await;
    let mut socket = accepted.map_err(io::Error::from)??;

    let (mut count, mut asked) = (0, false);
    loop {
        match timeout(IDLE, socket.next()).await {
            Ok(Some(message)) => {
                asked = false;
                let message = message?;
                // The crate answers pings and closes by itself.
                if message.is_text() || message.is_binary() {
                    socket.send(message).await?;
                    count += 1;
                }
            }
            Ok(None) => return Ok(count),
            Err(elapsed) if asked => return Err(Error::Io(elapsed.into())),
            Err(_) => {
                socket.send(Message::Ping(Bytes::new())).await?;
                asked = true;
            }
        }
    }
}
