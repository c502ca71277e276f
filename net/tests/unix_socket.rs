//! Sockets that are bound, and have options set, before they listen or connect.

#![cfg(unix)]

use std::io;
use std::os::fd::OwnedFd;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream};

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_listener_has_the_backlog_asked_for,
    a_client_is_known_by_the_name_it_is_bound_to,
    #[cfg(target_os = "linux")]
    an_abstract_name_can_be_bound,
    datagrams_come_from_the_name_that_was_bound,
    the_file_of_a_listener_can_be_removed_on_drop,
    a_second_name_and_the_wrong_kind_are_refused,
    a_connect_that_fails_names_the_path,
);

fn a_listener_has_the_backlog_asked_for() -> io::Result<()> {
    let folder = Folder::new()?;
    run(async {
        let socket = UnixSocket::new_stream()?;
        socket.bind(folder.path("s"))?;
        let listener = socket.listen(0)?;
        let _first = UnixStream::connect(folder.path("s")).await?;
        // Linux makes one place of none; who finds it taken waits.
        let mut second = Box::pin(UnixSocket::new_stream()?.connect(folder.path("s")));
        if cfg!(target_os = "linux") {
            assert!(common::stays_pending(&mut second).await?);
        }
        listener.accept().await?;
        let mut second = second.await?;
        let (mut served, _) = listener.accept().await?;
        second.write_all(b"x").await?;
        served.read_exact(&mut [0]).await
    })
}

fn a_client_is_known_by_the_name_it_is_bound_to() -> io::Result<()> {
    let folder = Folder::new()?;
    run(async {
        let listener = UnixListener::bind(folder.path("server"))?;
        let socket = UnixSocket::new_stream()?;
        assert!(socket.local_addr()?.is_unnamed());
        socket.bind(folder.path("client"))?;
        assert_eq!(socket.local_addr()?.as_pathname(), Some(&*folder.path("client")));
        let client = socket.connect(folder.path("server")).await?;
        let (_server, peer) = listener.accept().await?;
        assert_eq!(peer.as_pathname(), Some(&*folder.path("client")));
        assert_eq!(client.local_addr()?.as_pathname(), Some(&*folder.path("client")));
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn an_abstract_name_can_be_bound() -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;

    let name = format!("unix-socket-{}-{:?}", std::process::id(), std::thread::current().id());
    let address = runtime::net::unix::SocketAddr::from_abstract_name(name)?;
    run(async {
        let socket = UnixSocket::new_stream()?;
        socket.bind_addr(&address)?;
        assert_eq!(socket.local_addr()?.as_abstract_name(), address.as_abstract_name());
        let listener = socket.listen(8)?;
        let _client = UnixSocket::new_stream()?.connect_addr(&address).await?;
        listener.accept().await.map(drop)
    })
}

fn datagrams_come_from_the_name_that_was_bound() -> io::Result<()> {
    let folder = Folder::new()?;
    run(async {
        let receiver = UnixDatagram::bind(folder.path("receiver"))?;
        let socket = UnixSocket::new_datagram()?;
        socket.bind(folder.path("sender"))?;
        let sender = socket.datagram()?.unlink_on_drop(true);
        sender.send_to(b"hello", folder.path("receiver")).await?;
        let (length, from) = receiver.recv_from(&mut [0; 16]).await?;
        assert_eq!((length, from.as_pathname()), (5, Some(&*folder.path("sender"))));
        drop(sender);
        assert!(!folder.path("sender").exists());
        Ok(())
    })
}

fn the_file_of_a_listener_can_be_removed_on_drop() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let socket = UnixSocket::new_stream()?;
        socket.bind(&path)?;
        let socket = UnixSocket::try_from(OwnedFd::from(socket))?;
        assert_eq!(socket.local_addr()?.as_pathname(), Some(&*path));
        drop(socket);
        assert!(path.exists());
        // What was left behind is replaced.
        let socket = UnixSocket::new_stream()?;
        socket.bind(&path)?;
        drop(socket.listen(8)?.unlink_on_drop(true));
        assert!(!path.exists());
        Ok(())
    })
}

fn a_second_name_and_the_wrong_kind_are_refused() -> io::Result<()> {
    let folder = Folder::new()?;
    run(async {
        let socket = UnixSocket::new_stream()?;
        socket.bind(folder.path("one"))?;
        let error = socket.bind(folder.path("two")).expect_err("it has a name");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let error = socket.datagram().expect_err("it is for streams");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);

        let _listener = UnixListener::bind(folder.path("three"))?;
        let socket = UnixSocket::new_datagram()?;
        let error = socket.connect(folder.path("three")).await.expect_err("it is for datagrams");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(UnixSocket::new_datagram()?.listen(8).is_err());
        let error = UnixSocket::new_stream()?.listen(8).expect_err("it has no name");
        assert!(error.to_string().contains("listen on"), "{error}");

        let tcp = std::net::TcpListener::bind("127.0.0.1:0")?;
        let error = UnixSocket::try_from(OwnedFd::from(tcp)).expect_err("it is of TCP");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        Ok(())
    })
}

fn a_connect_that_fails_names_the_path() -> io::Result<()> {
    let folder = Folder::new()?;
    run(async {
        let socket = UnixSocket::new_stream()?;
        let error = socket.connect(folder.path("nobody")).await.expect_err("no such file");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains("nobody"), "{error}");
        Ok(())
    })
}
