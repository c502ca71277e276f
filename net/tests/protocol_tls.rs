//! Protocols over TLS: their order, their flow, their end, and what they know of the connection.

#![cfg(feature = "tls")]

use std::io::{self, ErrorKind};
use std::time::Duration;

use futures::io::BufReader;
use futures::{AsyncReadExt, AsyncWriteExt, future};
use runtime::net::protocol::{Exclusive, Transport, connect_accepted_socket};
use runtime::net::server::Connection;
use runtime::net::tls::{TlsListener, TlsStream};
use runtime::net::{Server, TcpListener, TcpStream};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::recorder::Log;
use common::selectors::{self, on_each_selector, run};
use tls::Authority;

on_each_selector!(
    a_server_closes_its_protocols_in_good_order,
    a_transport_knows_the_addresses_of_the_stream_below,
    what_is_below_tls_can_be_asked,
    callbacks_come_in_order_from_beginning_to_end,
    an_end_that_is_not_announced_is_an_error,
    a_close_sends_everything_first,
    an_abort_sends_nothing_more,
    ending_the_writing_side_leaves_the_reading_side,
    a_peer_that_does_not_read_pauses_writing_until_it_does,
    nothing_is_received_while_reading_is_paused,
    a_stream_that_is_no_wire_has_a_protocol_by_exclusive,
);

fn echo() -> Log {
    Log::new().reacting(|event, transport| {
        if event == "data" {
            transport.write(b"heard you");
        } else if event == "eof" {
            transport.write(b", goodbye");
        }
    })
}

fn a_server_closes_its_protocols_in_good_order() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let log = echo();
        let protocols = log.clone();
        let server = Server::over(TlsListener::new(listener, authority.acceptor()))
            .serve_protocol(move || protocols.plain())
            .await?;
        let stream = TcpStream::connect(address).await?;
        let mut peer = authority.connector().connect("localhost", stream).await?;
        peer.write_all(b"hello").await?;
        peer.flush().await?;
        log.heard("data").await;
        let report = server.shutdown(Duration::from_secs(60)).await;
        assert!(report.ended_well(), "{report}");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        let mut text = String::new();
        peer.read_to_string(&mut text).await?;
        assert_eq!(text, "heard you, goodbye");
        Ok(())
    })
}

async fn over_tls(log: &Log) -> io::Result<(Transport, tls::Tls)> {
    let (client, server) = tls::pair().await?;
    Ok((connect_accepted_socket(|| log.plain(), server)?, client))
}

fn a_transport_knows_the_addresses_of_the_stream_below() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, peer) = over_tls(&log).await?;
        assert_eq!(transport.peer_addr()?, peer.get_ref().local_addr()?);
        assert_eq!(transport.local_addr()?, peer.get_ref().peer_addr()?);
        transport.close();
        assert_eq!(log.end().await, "lost");
        let error = transport.peer_addr().expect_err("it is closed");
        assert_eq!(error.kind(), ErrorKind::NotConnected);
        Ok(())
    })
}

fn what_is_below_tls_can_be_asked() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, _peer) = over_tls(&log).await?;
        let version = transport.with_stream(|stream: &tls::Tls| stream.protocol_version());
        assert!(version.flatten().is_some());
        assert_eq!(
            transport.with_stream(|stream: &TcpStream| stream.nodelay().ok()),
            Some(Some(true))
        );
        type Other = TlsStream<Connection<TcpStream>>;
        assert!(transport.with_stream(|_: &Other| ()).is_none());
        Ok(())
    })
}

fn callbacks_come_in_order_from_beginning_to_end() -> io::Result<()> {
    run(async {
        for buffered in [false, true] {
            let log = Log::new();
            let (mut peer, server) = tls::pair().await?;
            if buffered {
                connect_accepted_socket(|| log.buffered(), server)?;
            } else {
                connect_accepted_socket(|| log.plain(), server)?;
            }
            assert_eq!(log.events(), ["made"]);
            let data = vec![7; 100_000];
            let sent = async {
                peer.write_all(&data).await?;
                peer.close().await
            };
            let (sent, end) = future::join(sent, log.end()).await;
            sent?;
            assert_eq!(end, "lost");
            assert!(log.received() == data);
            assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
            assert_eq!(peer.read(&mut [0]).await?, 0, "the end is announced");
        }
        Ok(())
    })
}

fn an_end_that_is_not_announced_is_an_error() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, mut peer) = over_tls(&log).await?;
        // With the tickets before it: a socket with something unread would be reset.
        transport.write(b"x");
        peer.read_exact(&mut [0]).await?;
        drop(peer);
        assert_eq!(log.end().await, "lost: UnexpectedEof");
        assert_eq!(log.events(), ["made", "lost: UnexpectedEof"]);
        Ok(())
    })
}

fn a_close_sends_everything_first() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, mut peer) = over_tls(&log).await?;
        let data: Vec<_> = (0..10_u32 << 20).map(|number| number as u8).collect();
        transport.write(&data);
        assert!(transport.write_buffer_size() > 0, "it is more than the system takes");
        transport.close();
        let mut received = Vec::new();
        peer.read_to_end(&mut received).await?;
        assert!(received == data);
        assert_eq!(log.end().await, "lost");
        assert_eq!((log.count("eof"), log.count("data")), (0, 0));
        Ok(())
    })
}

fn an_abort_sends_nothing_more() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, mut peer) = over_tls(&log).await?;
        transport.write(&vec![7; 10 << 20]);
        transport.abort();
        assert_eq!(transport.write_buffer_size(), 0);
        assert_eq!(log.end().await, "lost");
        let mut received = Vec::new();
        peer.read_to_end(&mut received).await.expect_err("it is cut off");
        assert!(received.len() < 10 << 20);
        Ok(())
    })
}

fn ending_the_writing_side_leaves_the_reading_side() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, mut peer) = over_tls(&log).await?;
        assert!(transport.can_write_eof());
        transport.write(b"over");
        transport.write_eof();
        let mut text = String::new();
        peer.read_to_string(&mut text).await?;
        assert_eq!(text, "over");
        peer.write_all(b"and out").await?;
        peer.close().await?;
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.received(), b"and out");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn a_peer_that_does_not_read_pauses_writing_until_it_does() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, mut peer) = over_tls(&log).await?;
        let mut sent = Vec::new();
        while log.count("pause") == 0 {
            let chunk = vec![(sent.len() / 1001) as u8; 64 * 1001];
            transport.write(&chunk);
            sent.extend_from_slice(&chunk);
        }
        assert!(transport.is_writing_paused());
        assert!(transport.write_buffer_size() > 64 * 1024);
        let mut received = vec![0; sent.len()];
        let (read, ()) = future::join(peer.read_exact(&mut received), log.heard("resume")).await;
        read?;
        assert!(received == sent);
        assert_eq!(log.events(), ["made", "pause", "resume"]);
        Ok(())
    })
}

fn nothing_is_received_while_reading_is_paused() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let (transport, mut peer) = over_tls(&log).await?;
        transport.pause_reading();
        peer.write_all(b"hello").await?;
        peer.close().await?;
        common::round_trips(5).await?;
        assert_eq!(log.events(), ["made"]);
        transport.resume_reading();
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn a_stream_that_is_no_wire_has_a_protocol_by_exclusive() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, server) = common::pair().await?;
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        let (client, server) = future::join(
            connector.connect("localhost", client),
            acceptor.accept(BufReader::new(server)),
        )
        .await;
        let (mut peer, log) = (client?, echo());
        let transport = connect_accepted_socket(|| log.plain(), Exclusive::new(server?))?;
        peer.write_all(b"hello").await?;
        let mut answer = [0; 9];
        peer.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"heard you");
        assert!(transport.peer_addr().is_err());
        Ok(())
    })
}
