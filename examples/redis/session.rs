//! A connection: commands in, replies out.

use std::io;
use std::net::SocketAddr;

use futures::channel::mpsc::UnboundedSender;
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::net::server::Connection;

use crate::command::{Next, execute};
use crate::store::Store;
use crate::wire::{self, Replies};

/// Bytes to read at once, to begin with.
const BUFFER: usize = 16 << 10;
/// Bytes of replies that are gathered before they are sent, though more commands have arrived.
const BATCH: usize = 256 << 10;

/// Carries out what one client says, until it goes or is asked to.
pub(crate) async fn talk(
    mut connection: &Connection<TcpStream>,
    store: &Store,
    shutdown: &UnboundedSender<SocketAddr>,
) -> io::Result<()> {
    let mut input = vec![0; BUFFER];
    let mut filled = 0;
    let mut replies = Replies::default();
    loop {
        if filled == input.len() {
            // One large command; the parser says when it is too large.
            input.resize(2 * filled, 0);
        }
        let count = connection.read(&mut input[filled..]).await?;
        if count == 0 {
            return Ok(());
        }
        filled += count;
        let mut done = 0;
        let next = loop {
            match wire::parse(&input[done..filled]) {
                Ok(None) => break Next::GoOn,
                Ok(Some((words, length))) => {
                    done += length;
                    let next = execute(store, &words, &mut replies);
                    if next != Next::GoOn {
                        break next;
                    }
                }
                Err(malformed) => {
                    replies.error(format_args!("ERR {malformed}"));
                    break Next::Close;
                }
            }
            if replies.0.len() >= BATCH {
                connection.write_all(&replies.0).await?;
                replies.0.clear();
            }
        };
        input.copy_within(done..filled, 0);
        filled -= done;
        connection.write_all(&replies.0).await?;
        replies.0.clear();
        match next {
            Next::GoOn => {}
            Next::Close => return Ok(()),
            Next::Shutdown => {
                // Somebody may have said so before.
                let _ = shutdown.unbounded_send(connection.peer_addr()?);
                return Ok(());
            }
        }
    }
}
