//! Listeners of several loops on one address, between which the system deals connections out.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream as StdStream};
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::LoopGroup;
use runtime::group::GroupHandle;
use runtime::net::{TcpListener, TcpSocket};

mod common;

use common::selectors::{self, on_each_selector};

on_each_selector!(
    every_loop_gets_connections,
    the_others_serve_on_when_a_loop_ends,
    a_shutdown_closes_listeners_and_connections_of_every_loop,
    a_connection_stays_with_the_loop_that_accepted_it,
);

/// As good as for ever.
const LONG: Duration = Duration::from_secs(600);

/// More than chance needs to find every listener.
const MANY: usize = 10_000;

/// A group whose loops have the selector of the test that is running.
fn group(loops: usize) -> io::Result<LoopGroup> {
    let choice = selectors::choice();
    LoopGroup::builder()
        .loops(loops)
        .configure(move |_index, builder| choice.set_up(builder))
        .build()
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_for(address)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Tells each client which loop it has reached, and ends with it.
async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, _peer) = listener.accept().await?;
        drop(runtime::spawn(async move {
            let index = GroupHandle::index().expect("a loop of the group runs this");
            stream.write_all(&[index as u8]).await?;
            stream.read(&mut [0; 1]).await
        }));
    }
}

/// Starts a server on each loop, on one address.
fn start(group: &LoopGroup) -> io::Result<SocketAddr> {
    let reserved = socket(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = reserved.local_addr()?;
    let started = group.run(move |_| async move {
        let listener = socket(address)?.listen(1024)?;
        drop(runtime::spawn(serve(listener)));
        Ok::<_, io::Error>(())
    });
    started.into_iter().try_for_each(|result| result?)?;
    Ok(address)
}

/// Which loop a new connection reaches.
fn ask(address: SocketAddr) -> io::Result<(usize, StdStream)> {
    let mut stream = StdStream::connect(address)?;
    let mut index = [0];
    stream.read_exact(&mut index)?;
    Ok((index[0].into(), stream))
}

fn every_loop_gets_connections() -> io::Result<()> {
    let group = group(3)?;
    let address = start(&group)?;
    let mut reached = BTreeSet::new();
    for _ in 0..MANY {
        reached.insert(ask(address)?.0);
        if reached.len() == 3 {
            break;
        }
    }
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
    assert!(group.shutdown(LONG).ended_well());
    Ok(())
}

fn the_others_serve_on_when_a_loop_ends() -> io::Result<()> {
    let group = group(2)?;
    let address = start(&group)?;
    group.handle(0).stop().expect("it runs");
    while !group.handle(0).is_closed() {
        std::thread::yield_now();
    }
    for _ in 0..20 {
        assert_eq!(ask(address)?.0, 1, "the listener of the first is closed");
    }
    assert!(group.shutdown(LONG).ended_well());
    Ok(())
}

fn a_shutdown_closes_listeners_and_connections_of_every_loop() -> io::Result<()> {
    let group = group(2)?;
    let address = start(&group)?;
    let mut connections = (0..8).map(|_| ask(address)).collect::<io::Result<Vec<_>>>()?;
    assert!(group.shutdown(LONG).ended_well());
    assert!(StdStream::connect(address).is_err());
    for (_, stream) in &mut connections {
        assert_eq!(stream.read(&mut [0; 1])?, 0);
    }
    Ok(())
}

fn a_connection_stays_with_the_loop_that_accepted_it() -> io::Result<()> {
    let group = group(2)?;
    let address = start(&group)?;
    let (index, mut stream) = ask(address)?;
    // Its task waits on that loop, and ends the connection there.
    group.handle(1 - index).stop().expect("it runs");
    stream.write_all(b"x")?;
    assert_eq!(stream.read(&mut [0; 1])?, 0);
    Ok(())
}
