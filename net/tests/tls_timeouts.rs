//! A peer that stalls is given up, after a time that is set.

#![cfg(feature = "tls")]

use std::io::{self, ErrorKind};
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt, future};
use runtime::net::TcpStream;
use runtime::net::tls::{HandshakeError, TlsAcceptor, TlsConnector};
use runtime::time::Instant;

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, builder, on_each_selector};
use tls::{Authority, Tls};

on_each_selector!(
    a_server_that_says_nothing_is_given_up_after_a_minute,
    a_client_that_says_nothing_is_given_up_after_a_minute,
    a_peer_that_dribbles_is_given_up_as_well,
    the_limit_of_the_handshake_can_be_set,
    a_close_gives_a_deaf_peer_half_a_minute,
    the_limit_of_the_close_can_be_set,
    a_shutdown_gives_a_silent_peer_half_a_minute,
    a_close_that_is_not_hindered_takes_no_time,
    the_others_go_on_while_a_peer_stalls,
);

const MINUTE: Duration = Duration::from_secs(60);

/// Runs a test by a clock that jumps ahead whenever there is nothing else to wait for.
fn run<F: Future>(test: F) -> F::Output {
    builder().start_paused(true).build().expect("a loop can be built").block_on(test)
}

fn given_up(result: io::Result<Tls>) -> HandshakeError {
    let error = result.expect_err("the peer did nothing");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let error = error.into_inner().expect("there is more than a kind").downcast();
    let error: HandshakeError = *error.expect("it is about the handshake");
    assert!(error.is_timeout() && !error.is_certificate());
    error
}

fn a_server_that_says_nothing_is_given_up_after_a_minute() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let begin = Instant::now();
        let error = given_up(Authority::new().connector().connect("localhost", client).await);
        assert!((MINUTE..MINUTE * 2).contains(&begin.elapsed()));
        let text = error.to_string();
        assert!(text.contains("localhost") && text.contains("60s"), "{text}");
        // The connection is not left open.
        server.read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
}

fn a_client_that_says_nothing_is_given_up_after_a_minute() -> io::Result<()> {
    run(async {
        let (mut client, server) = common::pair().await?;
        let begin = Instant::now();
        given_up(Authority::new().acceptor().accept(server).await);
        assert!((MINUTE..MINUTE * 2).contains(&begin.elapsed()));
        assert_eq!(client.read(&mut [0]).await?, 0);
        Ok(())
    })
}

fn a_peer_that_dribbles_is_given_up_as_well() -> io::Result<()> {
    run(async {
        let (mut client, server) = common::pair().await?;
        let dribble = runtime::spawn(async move {
            // A record of 10,000 bytes, a byte each 10 seconds.
            client.write_all(&[22, 3, 1, 39, 16, 1, 0, 39, 12]).await?;
            loop {
                runtime::time::sleep(Duration::from_secs(10)).await;
                client.write_all(&[0]).await?;
            }
        });
        let begin = Instant::now();
        given_up(Authority::new().acceptor().accept(server).await);
        assert!((MINUTE..MINUTE * 2).contains(&begin.elapsed()));
        let end: io::Result<()> = dribble.await?;
        end.expect_err("nobody listens any more");
        Ok(())
    })
}

fn the_limit_of_the_handshake_can_be_set() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let limit = Duration::from_millis(20);
        let connectors = [
            TlsConnector::builder().root_pem(authority.pem()).handshake_timeout(limit).build()?,
            authority.connector().with_handshake_timeout(limit),
            TlsConnector::from(authority.connector().config().clone())
                .with_handshake_timeout(limit),
        ];
        for connector in &connectors {
            let (client, _server) = common::pair().await?;
            let error = given_up(connector.connect("localhost", client).await);
            assert!(error.to_string().contains("20ms"), "{error}");
        }
        let identity = authority.identity(&["localhost"]);
        let acceptors = [
            TlsAcceptor::builder().identity(identity).handshake_timeout(limit).build()?,
            authority.acceptor().with_handshake_timeout(limit),
        ];
        for acceptor in &acceptors {
            let (_client, server) = common::pair().await?;
            let error = given_up(acceptor.accept(server).await);
            assert!(error.to_string().contains("20ms"), "{error}");
        }
        let patient = authority.connector().with_handshake_timeout(Duration::MAX);
        let (client, _server) = common::pair().await?;
        let connecting = Box::pin(patient.connect("localhost", client));
        let hour = Box::pin(runtime::time::sleep(MINUTE * 60));
        assert!(matches!(future::select(connecting, hour).await, future::Either::Right(_)));
        Ok(())
    })
}

/// Writes until the socket takes no more, the peer being deaf.
async fn fill(stream: &mut Tls) -> io::Result<()> {
    while futures::poll!(stream.write(&[0; 16 * 1024])).is_ready() {}
    common::fill(stream.get_ref()).await?;
    Ok(())
}

fn a_close_gives_a_deaf_peer_half_a_minute() -> io::Result<()> {
    run(async {
        let (mut client, server) = tls::pair().await?;
        fill(&mut client).await?;
        let begin = Instant::now();
        let error = client.close().await.expect_err("the peer does not read");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(error.to_string().contains("30s"), "{error}");
        assert!((MINUTE / 2..MINUTE).contains(&begin.elapsed()));
        // It does not begin anew.
        let error = client.close().await.expect_err("it has been given up");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(begin.elapsed() < MINUTE);
        drop(server);
        Ok(())
    })
}

fn the_limit_of_the_close_can_be_set() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let limit = Duration::from_millis(20);
        let connector =
            TlsConnector::builder().root_pem(authority.pem()).shutdown_timeout(limit).build()?;
        let acceptor = authority.acceptor().with_shutdown_timeout(limit);
        let (mut client, mut server) = tls::pair_of(&connector, &acceptor).await?;
        for stream in [&mut client, &mut server] {
            fill(stream).await?;
            let error = stream.close().await.expect_err("the peer does not read");
            assert!(error.to_string().contains("20ms"), "{error}");
        }
        Ok(())
    })
}

fn a_shutdown_gives_a_silent_peer_half_a_minute() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = tls::pair().await?;
        let begin = Instant::now();
        let error = client.shutdown().await.expect_err("the peer does not end");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!((MINUTE / 2..MINUTE).contains(&begin.elapsed()));
        // It has heard of it all the same.
        assert_eq!(server.read(&mut [0]).await?, 0);
        Ok(())
    })
}

fn a_close_that_is_not_hindered_takes_no_time() -> io::Result<()> {
    run(async {
        let begin = Instant::now();
        let (mut client, mut server) = tls::pair().await?;
        client.write_all(b"hello").await?;
        future::try_join(client.shutdown(), server.shutdown()).await?;
        // No timer has been waited for.
        assert_eq!(begin.elapsed(), Duration::ZERO);
        Ok(())
    })
}

fn the_others_go_on_while_a_peer_stalls() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        let mut stalled: Vec<(TcpStream, _)> = Vec::new();
        for _ in 0..10 {
            let (client, server) = common::pair().await?;
            let acceptor = acceptor.clone();
            let task = runtime::spawn(async move { acceptor.accept(server).await });
            stalled.push((client, task));
        }
        let (mut client, mut server) = tls::pair_of(&connector, &acceptor).await?;
        client.write_all(b"hello").await?;
        server.read_exact(&mut [0; 5]).await?;
        assert!(stalled.iter().all(|(_, task)| !task.is_finished()));
        for (_client, task) in stalled {
            given_up(task.await?);
        }
        Ok(())
    })
}
