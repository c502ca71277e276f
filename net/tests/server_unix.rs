//! Servers over Unix sockets.

#![cfg(unix)]

use std::future;
use std::io;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::server::Connection;
use runtime::net::unix::SocketAddr;
use runtime::net::{Server, TcpListener, UnixListener, UnixStream};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_unix_socket_is_served,
    several_paths_are_served_and_removed_at_the_end,
    close_clients_ends_the_input_of_unix_connections,
    abort_clients_ends_unix_connections,
    one_connection_at_a_time_is_served,
);

const LONG: Duration = Duration::from_secs(600);

async fn echo(stream: Connection<UnixStream>, _: SocketAddr) {
    let _ = futures::io::copy(&stream, &mut &stream).await;
}

async fn exchange(client: &mut UnixStream) -> io::Result<()> {
    client.write_all(b"x").await?;
    client.read_exact(&mut [0]).await
}

fn a_unix_socket_is_served() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("socket");
    run(async {
        let server = Server::over(UnixListener::bind(&path)?).serve(echo).await?;
        assert_eq!(server.local_addrs()[0].as_pathname(), Some(path.as_path()));
        let mut client = UnixStream::connect(&path).await?;
        exchange(&mut client).await?;
        assert!(server.peers()[0].is_unnamed());
        let report = server.shutdown(LONG).await;
        assert!(report.ended_well(), "{report}");
        assert_eq!(client.read(&mut [0]).await?, 0);
        assert!(UnixStream::connect(&path).await.is_err());
        Ok(())
    })
}

fn several_paths_are_served_and_removed_at_the_end() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let paths = [folder.path().join("a"), folder.path().join("b")];
    run(async {
        let server = Server::over(UnixListener::bind(&paths[0])?.unlink_on_drop(true))
            .listener(UnixListener::bind(&paths[1])?.unlink_on_drop(true))
            .serve(echo)
            .await?;
        for path in &paths {
            exchange(&mut UnixStream::connect(path).await?).await?;
        }
        server.close();
        assert!(paths.iter().all(|path| !path.exists()));
        Ok(())
    })
}

fn close_clients_ends_the_input_of_unix_connections() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("socket");
    run(async {
        let server = Server::over(UnixListener::bind(&path)?)
            .serve(async |mut stream, _| {
                let mut text = String::new();
                stream.read_to_string(&mut text).await?;
                stream.write_all(text.to_uppercase().as_bytes()).await
            })
            .await?;
        let mut client = UnixStream::connect(&path).await?;
        client.write_all(b"the last words").await?;
        while server.connections() == 0 {
            common::round_trips(1).await?;
        }
        server.close_clients();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await?;
        assert_eq!(answer, "THE LAST WORDS");
        Ok(())
    })
}

fn abort_clients_ends_unix_connections() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("socket");
    run(async {
        let server = Server::over(UnixListener::bind(&path)?)
            .serve(async |stream, _| {
                future::pending::<()>().await;
                drop(stream);
            })
            .await?;
        let mut client = UnixStream::connect(&path).await?;
        client.write_all(b"never to be read").await?;
        while server.connections() == 0 {
            common::round_trips(1).await?;
        }
        server.abort_clients();
        // Linux resets it, for the sake of what was not read; elsewhere it just ends.
        match client.read(&mut [0]).await {
            Ok(count) => assert_eq!(count, 0),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
        }
        assert_eq!(server.connections(), 0);
        Ok(())
    })
}

fn one_connection_at_a_time_is_served() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("socket");
    run(async {
        let builder = Server::over(UnixListener::bind(&path)?).max_connections(1);
        let server = builder.serve(echo).await?;
        let mut first = UnixStream::connect(&path).await?;
        exchange(&mut first).await?;
        let mut second = UnixStream::connect(&path).await?;
        let mut waiting = Box::pin(exchange(&mut second));
        assert!(common::stays_pending(&mut waiting).await?);
        assert_eq!(server.connections(), 1);
        drop(first);
        waiting.await?;
        // A server of another kind does not get in the way.
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let other = Server::over(listener).serve(async |_, _| ()).await?;
        assert!(other.is_serving() && server.is_serving());
        Ok(())
    })
}
