//! Protocols over TLS: their order, their flow, their end, and what they know of the connection.

#![cfg(feature = "tls")]

use std::io::{self, ErrorKind};
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::protocol::{Transport, connect_accepted_socket};
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
