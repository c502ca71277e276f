//! TLS does not mind what it runs over: a server on a Unix socket, and a pair of them.

#![cfg(all(feature = "tls", unix))]

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use futures::{AsyncReadExt, AsyncWriteExt, future};
use runtime::net::tls::TlsListener;
use runtime::net::{Server, UnixListener, UnixStream};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};
use tls::Authority;

on_each_selector!(a_server_on_a_unix_socket_speaks_tls, a_pair_of_unix_sockets_speaks_tls);

fn a_server_on_a_unix_socket_speaks_tls() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("socket");
        let listener = TlsListener::new(UnixListener::bind(&path)?, authority.acceptor());
        let server = Server::over(listener).serve(async |mut stream, _peer| {
            stream.write_all(b"hello").await?;
            stream.shutdown().await
        });
        let _server = server.await?;
        let stream = UnixStream::connect(&path).await?;
        let mut stream = authority.connector().connect("localhost", stream).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        assert_eq!(text, "hello");
        Ok(())
    })
}

fn a_pair_of_unix_sockets_speaks_tls() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, server) = UnixStream::pair()?;
        let number = client.as_raw_fd();
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        let (mut client, mut server) =
            future::try_join(connector.connect("localhost", client), acceptor.accept(server))
                .await?;
        assert_eq!((client.as_raw_fd(), client.as_fd().as_raw_fd()), (number, number));
        client.write_all(b"hello").await?;
        client.close().await?;
        let mut text = String::new();
        server.read_to_string(&mut text).await?;
        assert_eq!(text, "hello");
        Ok(())
    })
}
