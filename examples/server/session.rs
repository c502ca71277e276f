//! What is said on a connection: lines of text, one order each.
//!
//! | order | answer |
//! |---|---|
//! | `work MS` | `begun`, and that many milliseconds later `done` |
//! | `sulk` | `so be it`, and nothing any more, whatever happens |
//! | `stop` | `as you wish`, and the server ends |
//! | anything else | the same in capital letters |

use std::future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::net::server::Connection;
use runtime::time::sleep;

/// Bytes of an order at most.
const LIMIT: u64 = 1024;

/// Answers one client until there are no more orders, or the server asks its clients to go: then the input
/// ends as if the client had gone by itself.
pub(crate) async fn talk(
    mut connection: &Connection<TcpStream>,
    peer: SocketAddr,
    stop: &UnboundedSender<SocketAddr>,
) -> io::Result<()> {
    let mut input = BufReader::new(connection);
    let mut order = String::new();
    loop {
        order.clear();
        if (&mut input).take(LIMIT).read_line(&mut order).await? == 0 {
            break;
        }
        if !order.ends_with('\n') && order.len() as u64 == LIMIT {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an order is too long"));
        }
        let words: Vec<_> = order.split_whitespace().collect();
        match words[..] {
            ["work", time] => {
                let Ok(milliseconds) = time.parse() else {
                    connection.write_all(b"how long?\n").await?;
                    continue;
                };
                connection.write_all(b"begun\n").await?;
                sleep(Duration::from_millis(milliseconds)).await;
                connection.write_all(b"done\n").await?;
            }
            ["sulk"] => {
                connection.write_all(b"so be it\n").await?;
                future::pending::<()>().await;
            }
            ["stop"] => {
                connection.write_all(b"as you wish\n").await?;
                // Somebody may have said so before.
                let _ = stop.unbounded_send(peer);
            }
            _ => connection.write_all(order.to_uppercase().as_bytes()).await?,
        }
    }
    if connection.is_closing() {
        connection.write_all(b"the server closes, goodbye\n").await?;
    }
    Ok(())
}
