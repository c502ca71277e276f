//! Hundreds of peers that reset their connections at once, in every state that a connection can be in.
//!
//! One test, alone in its process: it counts descriptors.

#![cfg(target_os = "linux")]

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};

mod common;

use common::{descriptors, selectors};

const PEERS: usize = 64;
const WAVES: usize = 3;

#[test]
fn a_storm_of_resets_costs_its_connections_and_nothing_else() -> io::Result<()> {
    for choice in [selectors::MIO, selectors::POLL] {
        selectors::on(choice, || selectors::run(storm()))?;
    }
    Ok(())
}

async fn storm() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (mut bystander, mut far_end) = common::pair().await?;
    let before = descriptors()?;
    for _ in 0..WAVES {
        wait_for_data(&listener, address).await?;
        wait_for_room(&listener, address).await?;
        wait_for_acceptance(&listener, address).await?;
        assert_eq!(descriptors()?, before, "every socket is closed");

        bystander.write_all(b"calm").await?;
        far_end.read_exact(&mut [0; 4]).await?;
    }
    Ok(())
}

/// Closes with a reset: unsent data is thrown away and the other end hears of it.
fn reset(streams: Vec<TcpStream>) -> io::Result<()> {
    streams.iter().try_for_each(|stream| stream.set_linger(Some(Duration::ZERO)))
}

async fn pairs(
    listener: &TcpListener,
    address: SocketAddr,
) -> io::Result<(Vec<TcpStream>, Vec<TcpStream>)> {
    let (mut clients, mut servers) = (Vec::new(), Vec::new());
    for _ in 0..PEERS {
        clients.push(TcpStream::connect(address).await?);
        servers.push(listener.accept().await?.0);
    }
    Ok((clients, servers))
}

/// The peers go while the servers read.
async fn wait_for_data(listener: &TcpListener, address: SocketAddr) -> io::Result<()> {
    let (clients, servers) = pairs(listener, address).await?;
    let readers: Vec<_> = servers
        .into_iter()
        .map(|mut server| runtime::spawn(async move { server.read(&mut [0; 64]).await }))
        .collect();
    common::round_trips(3).await?;
    reset(clients)?;
    for reader in readers {
        let error = reader.await.expect("no panic").expect_err("reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    Ok(())
}

/// The peers go while the servers' buffers are full, so that they wait to write.
async fn wait_for_room(listener: &TcpListener, address: SocketAddr) -> io::Result<()> {
    let (clients, servers) = pairs(listener, address).await?;
    let writers: Vec<_> = servers
        .into_iter()
        .map(|mut server| {
            runtime::spawn(async move {
                let chunk = vec![0; 1 << 16];
                loop {
                    if let Err(error) = server.write_all(&chunk).await {
                        // Later writes say that the pipe is broken, and return all the same.
                        let again = server.write(b"more").await.expect_err("gone");
                        assert_eq!(again.kind(), ErrorKind::BrokenPipe);
                        return error;
                    }
                }
            })
        })
        .collect();
    common::round_trips(3).await?;
    reset(clients)?;
    for writer in writers {
        let kind = writer.await.expect("no panic").kind();
        assert!(matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{kind}");
    }
    Ok(())
}

/// The peers go before they have been accepted.
async fn wait_for_acceptance(listener: &TcpListener, address: SocketAddr) -> io::Result<()> {
    let mut clients = Vec::new();
    for _ in 0..PEERS {
        clients.push(TcpStream::connect(address).await?);
    }
    reset(clients)?;
    let survivor = TcpStream::connect(address).await?;
    loop {
        let (mut stream, peer) = listener.accept().await?;
        if peer == survivor.local_addr()? {
            return Ok(());
        }
        // Linux hands the dead ones out.
        let error = stream.read(&mut [0; 8]).await.expect_err("reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}
