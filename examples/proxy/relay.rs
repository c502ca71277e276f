//! One client and its server.

use std::io;

use runtime::net::server::Connection;
use runtime::net::{TcpStream, copy_bidirectional, copy_bidirectional_with_sizes};

/// How the bytes get from one connection to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By splice(2), if the system has it.
    Spliced,
    /// Through a buffer of the program's.
    Buffered,
}

/// What splice(2) does not need.
const BUFFER: usize = 64 * 1024;

/// Connects a client to a server until both have said all; returns how many bytes went up to the server, and
/// how many down.
pub(crate) async fn to_server(
    mut client: Connection<TcpStream>,
    server: (&str, u16),
    way: Way,
) -> io::Result<(u64, u64)> {
    let mut server = TcpStream::connect(server).await?;
    // What comes in small pieces is wanted soon.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let copied = match way {
        Way::Spliced => copy_bidirectional(&mut client, &mut server).await,
        Way::Buffered => {
            copy_bidirectional_with_sizes(&mut client, &mut server, BUFFER, BUFFER).await
        }
    };
    Ok(copied?)
}
