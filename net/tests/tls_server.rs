//! A server over TLS: slow and hostile clients delay nobody, and it ends as any other.

#![cfg(feature = "tls")]

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, future};
use runtime::net::server::Connection;
use runtime::net::tls::{TlsConnector, TlsListener, TlsStream};
use runtime::net::{Server, TcpListener, TcpStream};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, builder, on_each_selector, run};
use tls::Authority;

on_each_selector!(
    a_hundred_handshakes_are_made_at_once,
    silent_clients_keep_nobody_out,
    silent_clients_make_room_when_their_time_is_up,
    handshakes_that_fail_are_told_with_their_peers,
    a_server_that_closes_its_clients_ends_their_input,
    a_handler_that_copies_says_goodbye_when_the_server_ends_its_input,
    later_handshakes_of_a_connector_are_short,
);

async fn echo(mut stream: TlsStream<Connection<TcpStream>>, _peer: SocketAddr) -> io::Result<()> {
    let mut buf = [0; 4096];
    loop {
        let count = stream.read(&mut buf).await?;
        if count == 0 {
            return stream.close().await;
        }
        stream.write_all(&buf[..count]).await?;
        stream.flush().await?;
    }
}

async fn bind(authority: &Authority) -> io::Result<(TlsListener<TcpListener>, SocketAddr)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let acceptor = authority.acceptor().with_handshake_timeout(Duration::from_secs(10));
    Ok((TlsListener::new(listener, acceptor), address))
}

async fn hears_an_echo(connector: TlsConnector, address: SocketAddr) -> io::Result<()> {
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect("localhost", stream).await?;
    stream.write_all(b"anybody there?").await?;
    stream.close().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    assert_eq!(answer, "anybody there?");
    Ok(())
}

fn a_hundred_handshakes_are_made_at_once() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (listener, address) = bind(&authority).await?;
        let _server = Server::over(listener).serve(echo).await?;
        let clients = (0..100).map(|_| hears_an_echo(authority.connector(), address));
        future::try_join_all(clients).await?;
        Ok(())
    })
}

fn silent_clients_keep_nobody_out() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (listener, address) = bind(&authority).await?;
        let _server = Server::over(listener).serve(echo).await?;
        let mut silent = Vec::new();
        for _ in 0..50 {
            silent.push(TcpStream::connect(address).await?);
        }
        hears_an_echo(authority.connector(), address).await
    })
}

fn silent_clients_make_room_when_their_time_is_up() -> io::Result<()> {
    // By a clock that jumps ahead when there is nothing else to wait for.
    builder().start_paused(true).build()?.block_on(async {
        let authority = Authority::new();
        let (listener, address) = bind(&authority).await?;
        let _server = Server::over(listener).max_connections(2).serve(echo).await?;
        let mut silent = Vec::new();
        for _ in 0..2 {
            silent.push(TcpStream::connect(address).await?);
        }
        hears_an_echo(authority.connector(), address).await?;
        for mut stream in silent {
            assert_eq!(stream.read(&mut [0]).await?, 0);
        }
        Ok(())
    })
}

fn handshakes_that_fail_are_told_with_their_peers() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (listener, address) = bind(&authority).await?;
        let told = Rc::new(RefCell::new(Vec::new()));
        let served = Rc::new(Cell::new(0));
        let (tell, serve) = (told.clone(), served.clone());
        let listener =
            listener.on_handshake_error(move |peer, error| tell.borrow_mut().push((peer, error)));
        let server = Server::over(listener);
        let _server = server
            .serve(async move |stream, peer| {
                serve.set(serve.get() + 1);
                echo(stream, peer).await
            })
            .await?;
        let mut peers = Vec::new();
        for garbage in [&b"GET / HTTP/1.0\r\n\r\n"[..], b"", &[22, 3, 1, 0, 4, 9, 9, 9, 9]] {
            let mut stream = TcpStream::connect(address).await?;
            peers.push(stream.local_addr()?);
            stream.write_all(garbage).await?;
            stream.close().await?;
            // The server may reset what it has not read.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        hears_an_echo(authority.connector(), address).await?;
        let told = told.take();
        assert_eq!(told.iter().map(|(peer, _)| *peer).collect::<Vec<_>>(), peers);
        let kinds: Vec<_> = told.iter().map(|(_, error)| error.kind()).collect();
        assert_eq!(
            kinds,
            [ErrorKind::InvalidData, ErrorKind::UnexpectedEof, ErrorKind::InvalidData]
        );
        assert_eq!(served.get(), 1);
        Ok(())
    })
}

fn a_server_that_closes_its_clients_ends_their_input() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (listener, address) = bind(&authority).await?;
        let server = Server::over(listener)
            .serve(async |mut stream, _peer| {
                stream.write_all(b"hello").await?;
                stream.flush().await?;
                assert_eq!(stream.read(&mut [0]).await?, 0);
                assert_eq!(stream.fill_buf().await?, b"");
                assert_eq!(stream.read(&mut [0]).await?, 0);
                assert!(stream.get_ref().is_closing());
                stream.write_all(b" and goodbye").await?;
                stream.close().await
            })
            .await?;
        // One is in the middle of its handshake.
        let mut silent = TcpStream::connect(address).await?;
        let stream = TcpStream::connect(address).await?;
        let mut stream = authority.connector().connect("localhost", stream).await?;
        stream.read_exact(&mut [0; 5]).await?;
        server.close();
        server.close_clients();
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        assert_eq!(text, " and goodbye");
        assert_eq!(silent.read(&mut [0]).await?, 0);
        Ok(())
    })
}

fn a_handler_that_copies_says_goodbye_when_the_server_ends_its_input() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (listener, address) = bind(&authority).await?;
        let outcomes = Rc::new(RefCell::new(Vec::new()));
        let kept = outcomes.clone();
        let server = Server::over(listener)
            .serve(async move |stream, _peer| {
                let (mut reader, mut writer) = stream.split();
                let copied = futures::io::copy(&mut reader, &mut writer).await;
                kept.borrow_mut().push(copied.map_err(|error| error.kind()));
                writer.close().await
            })
            .await?;
        let stream = TcpStream::connect(address).await?;
        let mut stream = authority.connector().connect("localhost", stream).await?;
        stream.write_all(b"hello").await?;
        stream.read_exact(&mut [0; 5]).await?;
        let report = server.shutdown(Duration::from_secs(60)).await;
        assert!(report.ended_well(), "{report}");
        assert_eq!(*outcomes.borrow(), [Ok(5)]);
        // Announced, or it would be an error.
        assert_eq!(stream.read(&mut [0]).await?, 0);
        Ok(())
    })
}

fn later_handshakes_of_a_connector_are_short() -> io::Result<()> {
    use runtime::net::tls::rustls::HandshakeKind;
    run(async {
        let authority = Authority::new();
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        let mut kinds = Vec::new();
        for _ in 0..2 {
            let (mut client, mut server) = tls::pair_of(&connector.clone(), &acceptor).await?;
            // The tickets come behind the handshake, and are read with the data.
            server.write_all(b"x").await?;
            client.read_exact(&mut [0]).await?;
            kinds.push(client.handshake_kind());
        }
        assert_eq!(kinds, [Some(HandshakeKind::Full), Some(HandshakeKind::Resumed)]);
        Ok(())
    })
}
