//! The client: says a few things, and prints what comes back.

use async_tungstenite::client_async;
use async_tungstenite::tungstenite::http::Uri;
use async_tungstenite::tungstenite::{Message, Result};
use futures::StreamExt;
use runtime::net::TcpStream;

pub(crate) async fn run(server: Uri, messages: Vec<String>) -> Result<()> {
    // The brackets of an IPv6 address belong to the URL.
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, server.port_u16().unwrap_or(80))).await?;
    let (mut socket, _response) = client_async(&server, stream).await?;
    for message in messages {
        socket.send(Message::text(message)).await?;
        if let Some(answer) = socket.next().await {
            println!("{}", answer?.to_text()?);
        }
    }
    // The server agrees before the connection ends.
    socket.close(None).await?;
    while let Some(rest) = socket.next().await {
        rest?;
    }
    Ok(())
}
