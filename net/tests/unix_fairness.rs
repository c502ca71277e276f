//! Operations that never have to wait give way to other tasks all the same.

#![cfg(unix)]

use std::cell::Cell;
use std::io;
use std::os::unix::net;
use std::rc::Rc;

use runtime::net::{UnixDatagram, UnixSocket, UnixStream};

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    sending_to_a_path_gives_way,
    connecting_gives_way,
    connecting_a_socket_of_ones_own_gives_way,
);

/// Enough for any budget.
const MANY: usize = 10_000;

/// Does something again and again, until another task has had its turn.
async fn until_another_has_its_turn(
    mut operation: impl AsyncFnMut() -> io::Result<()>,
) -> io::Result<()> {
    let had_its_turn = Rc::new(Cell::new(false));
    let other = had_its_turn.clone();
    runtime::spawn(async move { other.set(true) });
    for _ in 0..MANY {
        operation().await?;
        if had_its_turn.get() {
            return Ok(());
        }
    }
    panic!("{MANY} operations, and nobody else had a turn");
}

fn sending_to_a_path_gives_way() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("receiver");
    run(async {
        let receiver = net::UnixDatagram::bind(&path)?;
        let sender = UnixDatagram::unbound()?;
        until_another_has_its_turn(async || {
            sender.send_to(b"more", &path).await?;
            receiver.recv(&mut [0; 8]).map(drop)
        })
        .await
    })
}

fn connecting_gives_way() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("listener");
    run(async {
        let listener = net::UnixListener::bind(&path)?;
        until_another_has_its_turn(async || {
            UnixStream::connect(&path).await?;
            listener.accept().map(drop)
        })
        .await
    })
}

fn connecting_a_socket_of_ones_own_gives_way() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("listener");
    run(async {
        let listener = net::UnixListener::bind(&path)?;
        until_another_has_its_turn(async || {
            UnixSocket::new_stream()?.connect(&path).await?;
            listener.accept().map(drop)
        })
        .await
    })
}
