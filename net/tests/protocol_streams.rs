//! Protocols over streams of all kinds, behind servers, and in place of one another.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use runtime::net::protocol::{Exclusive, connect_accepted_socket, create_server};
use runtime::net::{Server, TcpStream};

mod common;

use common::recorder::Log;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    any_stream_of_bytes_can_have_a_protocol,
    a_server_closes_its_protocols_in_good_order,
    a_server_of_protocols_listens_on_all_addresses_of_a_name,
    a_server_counts_its_protocols,
    a_protocol_that_a_server_aborts_hears_of_no_error,
    a_protocol_whose_loop_closes_hears_of_that,
    a_protocol_can_hand_over_to_another,
    a_protocol_can_be_replaced_from_outside,
    the_stream_behind_a_transport_can_be_asked,
);

fn echo() -> Log {
    Log::new().reacting(|event, transport| {
        if event == "data" {
            transport.write(b"heard you");
        }
    })
}

fn any_stream_of_bytes_can_have_a_protocol() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = echo();
        let transport = connect_accepted_socket(|| log.plain(), Exclusive::new(stream))?;
        peer.write_all(b"hello")?;
        log.until(|log| log.received() == b"hello").await;
        let error = transport.peer_addr().expect_err("nobody knows what is inside");
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(
            transport.with_stream(|stream: &TcpStream| stream.peer_addr().is_ok()) == Some(true)
        );
        transport.close();
        assert_eq!(log.end().await, "lost");
        let mut text = String::new();
        peer.read_to_string(&mut text)?;
        assert_eq!(text, "heard you");
        Ok(())
    })
}

fn a_server_closes_its_protocols_in_good_order() -> io::Result<()> {
    run(async {
        let log = echo();
        let protocols = log.clone();
        let server = create_server(move || protocols.buffered(), "127.0.0.1:0").await?;
        let mut peer = std::net::TcpStream::connect(server.local_addrs()[0])?;
        peer.write_all(b"hello")?;
        log.heard("data").await;
        let report = server.shutdown(Duration::from_secs(60)).await;
        assert!(report.ended_well(), "{report}");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn a_protocol_that_a_server_aborts_hears_of_no_error() -> io::Result<()> {
    run(async {
        // It stays, whatever the server asks.
        let log = echo().keeping_open();
        let protocols = log.clone();
        let server = create_server(move || protocols.plain(), "127.0.0.1:0").await?;
        let _peer = std::net::TcpStream::connect(server.local_addrs()[0])?;
        log.heard("made").await;
        let report = server.shutdown(Duration::ZERO).await;
        assert_eq!(report.left(), 1);
        assert_eq!(log.events().last().map(String::as_str), Some("lost"));
        Ok(())
    })
}

fn a_protocol_whose_loop_closes_hears_of_that() -> io::Result<()> {
    let (by_server, alone) = (Log::new(), Log::new());
    let _peers = run(async {
        let protocols = by_server.clone();
        let server = create_server(move || protocols.plain(), "127.0.0.1:0").await?;
        let peer = std::net::TcpStream::connect(server.local_addrs()[0])?;
        by_server.heard("made").await;
        let (stream, other) = common::half_pair().await?;
        connect_accepted_socket(|| alone.plain(), stream)?;
        // The driver is polled, and reads.
        common::round_trips(1).await?;
        io::Result::Ok((peer, other, server))
    })?;
    assert_eq!(by_server.events().last().map(String::as_str), Some("lost: ConnectionAborted"));
    assert_eq!(alone.events().last().map(String::as_str), Some("lost: ConnectionAborted"));
    Ok(())
}

fn a_server_of_protocols_listens_on_all_addresses_of_a_name() -> io::Result<()> {
    run(async {
        let hosts =
            |server: &Server| server.local_addrs().iter().map(SocketAddr::ip).collect::<Vec<_>>();
        let expected = Server::builder().bind("localhost", 0).serve(async |_, _| ()).await?;
        let log = Log::new();
        let server = create_server(move || log.plain(), "localhost:0").await?;
        assert_eq!(hosts(&server), hosts(&expected));
        let port = server.local_addrs()[0].port();
        assert!(server.local_addrs().iter().all(|address| address.port() == port));
        let error = create_server(|| Log::new().plain(), server.local_addrs()[0]).await;
        assert_eq!(error.expect_err("in use").kind(), io::ErrorKind::AddrInUse);
        Ok(())
    })
}

fn a_server_counts_its_protocols() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let protocols = log.clone();
        let builder = Server::builder().bind("127.0.0.1", 0).max_connections(1);
        let server = builder.serve_protocol(move || protocols.plain()).await?;
        let peer = std::net::TcpStream::connect(server.local_addrs()[0])?;
        log.heard("made").await;
        assert_eq!(server.connections(), 1);
        drop(peer);
        assert_eq!(log.end().await, "lost");
        common::round_trips(3).await?;
        assert_eq!(server.connections(), 0);
        Ok(())
    })
}

fn a_protocol_can_hand_over_to_another() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let second = Log::new();
        let next = second.clone();
        let first = Log::new().reacting(move |event, transport| {
            if event == "data" {
                transport.set_protocol(next.buffered());
            }
        });
        connect_accepted_socket(|| first.plain(), stream)?;
        peer.write_all(b"one")?;
        first.heard("data").await;
        common::round_trips(3).await?;
        peer.write_all(b"two")?;
        drop(peer);
        assert_eq!(second.end().await, "lost");
        assert_eq!(first.events(), ["made", "data"]);
        assert_eq!(second.events(), ["data", "eof", "lost"]);
        assert_eq!(second.received(), b"two");
        Ok(())
    })
}

fn a_protocol_can_be_replaced_from_outside() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let (first, second) = (Log::new(), Log::new());
        let transport = connect_accepted_socket(|| first.buffered(), stream)?;
        transport.set_protocol(second.plain());
        peer.write_all(b"hello")?;
        second.until(|log| log.received() == b"hello").await;
        transport.close();
        assert_eq!(second.end().await, "lost");
        assert_eq!(first.events(), ["made"]);
        Ok(())
    })
}

fn the_stream_behind_a_transport_can_be_asked() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        assert_eq!(transport.local_addr()?, peer.peer_addr()?);
        assert_eq!(transport.peer_addr()?, peer.local_addr()?);
        let nodelay = transport.with_stream(|stream: &TcpStream| stream.nodelay());
        assert!(nodelay.is_some_and(|nodelay| nodelay.is_ok_and(|nodelay| nodelay)));
        assert_eq!(transport.with_stream(|_: &String| ()), None);
        Ok(())
    })
}

#[cfg(unix)]
mod unix {
    use runtime::net::unix::{UnixListener, UnixStream};

    use super::*;

    on_each_selector!(a_unix_stream_can_have_a_protocol, a_unix_server_can_have_protocols);

    fn a_unix_stream_can_have_a_protocol() -> io::Result<()> {
        run(async {
            let (one, other) = UnixStream::pair()?;
            let (log, peer) = (echo(), Log::new());
            connect_accepted_socket(|| log.buffered(), one)?;
            let transport = connect_accepted_socket(|| peer.plain(), other)?;
            transport.write(b"hello");
            peer.until(|log| log.received() == b"heard you").await;
            transport.write_eof();
            assert_eq!(log.end().await, "lost");
            assert_eq!(peer.end().await, "lost");
            Ok(())
        })
    }

    fn a_unix_server_can_have_protocols() -> io::Result<()> {
        run(async {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("socket");
            let log = echo();
            let protocols = log.clone();
            let builder = Server::over(UnixListener::bind(&path)?);
            let server = builder.serve_protocol(move || protocols.plain()).await?;
            let peer = Log::new();
            let transport =
                connect_accepted_socket(|| peer.plain(), UnixStream::connect(&path).await?)?;
            transport.write(b"hello");
            peer.until(|log| log.received() == b"heard you").await;
            transport.close();
            assert_eq!(log.end().await, "lost");
            drop(server);
            Ok(())
        })
    }
}
