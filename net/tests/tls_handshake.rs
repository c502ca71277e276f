//! A handshake that cannot succeed fails at both ends, with an error that names the host and the cause.

#![cfg(feature = "tls")]

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;

use futures::io::Cursor;
use futures::{AsyncReadExt, AsyncWriteExt, future};
use runtime::net::tls::rustls::crypto::CryptoProvider;
use runtime::net::tls::rustls::{self, AlertDescription, CertificateError};
use runtime::net::tls::{HandshakeError, Identity, TlsAcceptor, TlsConnector};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};
use tls::{Authority, Tls, handshake};

on_each_selector!(
    no_provider_of_the_process_is_needed,
    a_certificate_of_nobody_trusted_is_refused,
    a_certificate_that_has_expired_is_refused,
    a_certificate_for_another_host_is_refused,
    an_address_is_a_name_that_a_certificate_can_have,
    another_name_than_the_host_can_be_asked_for,
    a_host_that_is_no_name_is_refused_before_anything_is_sent,
    a_server_that_speaks_no_tls_is_told_apart,
    a_client_that_speaks_no_tls_gets_an_alert,
    garbage_of_every_kind_is_an_error_and_no_panic,
    a_peer_that_leaves_in_the_middle_is_named,
    sides_without_a_common_version_refuse_each_other,
    a_handshake_that_is_dropped_closes_its_stream,
    a_stream_that_takes_nothing_is_an_error,
);

/// What a connector or an acceptor has to say of its failure.
fn failure(result: io::Result<Tls>) -> (ErrorKind, HandshakeError) {
    let error = result.expect_err("the handshake must not succeed");
    let kind = error.kind();
    let inner = error.into_inner().expect("there is more than a kind");
    (kind, *inner.downcast().expect("it is about the handshake"))
}

/// Tells whether the peer has said that it refuses, and why.
fn refused_for(error: &HandshakeError, reason: AlertDescription) -> bool {
    error.tls_error() == Some(&rustls::Error::AlertReceived(reason))
}

fn no_provider_of_the_process_is_needed() -> io::Result<()> {
    run(async {
        tls::pair().await?;
        assert!(CryptoProvider::get_default().is_none());
        Ok(())
    })
}

fn a_certificate_of_nobody_trusted_is_refused() -> io::Result<()> {
    run(async {
        let (ours, theirs) = (Authority::new(), Authority::new());
        let (client, server) =
            handshake(&ours.connector(), "localhost", &theirs.acceptor()).await?;
        let (kind, error) = failure(client);
        assert_eq!(kind, ErrorKind::InvalidData);
        assert!(error.is_certificate() && !error.is_timeout());
        assert_eq!(error.host(), Some("localhost"));
        let text = error.to_string();
        assert!(text.contains("localhost") && text.contains("UnknownIssuer"), "{text}");
        assert!(text.contains("nobody who is trusted"), "{text}");
        let (_, error) = failure(server);
        assert!(refused_for(&error, AlertDescription::UnknownCA), "{error}");
        assert_eq!(error.host(), None);
        Ok(())
    })
}

fn a_certificate_that_has_expired_is_refused() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (chain, key) = authority.sign(&["localhost"], |params| {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        });
        let acceptor = TlsAcceptor::new(Identity::from_pem(chain, key)?)?;
        let (client, server) = handshake(&authority.connector(), "localhost", &acceptor).await?;
        let (_, error) = failure(client);
        assert!(error.is_certificate());
        let text = error.to_string();
        assert!(text.contains("localhost") && text.contains("expired"), "{text}");
        let (_, error) = failure(server);
        assert!(refused_for(&error, AlertDescription::CertificateExpired), "{error}");
        Ok(())
    })
}

fn a_certificate_for_another_host_is_refused() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        let (client, server) = handshake(&connector, "bank.example", &acceptor).await?;
        let (_, error) = failure(client);
        assert!(matches!(
            error.tls_error(),
            Some(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
            ))
        ));
        let text = error.to_string();
        // Whom it is for, beside whom it should have been for.
        assert!(text.contains("bank.example") && text.contains("localhost"), "{text}");
        failure(server);
        Ok(())
    })
}

fn an_address_is_a_name_that_a_certificate_can_have() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let identity = authority.identity(&["127.0.0.1", "::1"]);
        let acceptor = TlsAcceptor::new(identity)?;
        for host in ["127.0.0.1", "::1", "[::1]"] {
            let (client, server) = handshake(&authority.connector(), host, &acceptor).await?;
            client?;
            // There is no SNI for addresses (RFC 6066, section 3).
            assert_eq!(server?.server_name(), None);
        }
        let (client, server) = common::pair().await?;
        let connector = authority.connector();
        let client = connector.connect(Ipv4Addr::LOCALHOST, client);
        let (client, _) = future::try_join(client, acceptor.accept(server)).await?;
        assert_eq!(client.server_name(), Some("127.0.0.1"));
        Ok(())
    })
}

fn another_name_than_the_host_can_be_asked_for() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let connector = TlsConnector::builder().root_pem(authority.pem()).server_name("localhost");
        let connector = connector.build()?;
        let (client, server) =
            handshake(&connector, "not a name at all", &authority.acceptor()).await?;
        assert_eq!(client?.server_name(), Some("localhost"));
        assert_eq!(server?.server_name(), Some("localhost"));
        Ok(())
    })
}

fn a_host_that_is_no_name_is_refused_before_anything_is_sent() -> io::Result<()> {
    run(async {
        let connector = Authority::new().connector();
        for host in ["", "a b", "example.org:443", "..", "-", "ex\u{e4}mple.org"] {
            let (client, mut server) = common::pair().await?;
            let error = connector.connect(host, client).await.expect_err("that is no name");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(&format!("`{host}`")), "{error}");
            assert_eq!(server.read(&mut [0]).await?, 0);
        }
        Ok(())
    })
}

fn a_server_that_speaks_no_tls_is_told_apart() -> io::Result<()> {
    run(async {
        let connector = Authority::new().connector();
        let (client, mut server) = common::pair().await?;
        server.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        let (kind, error) = failure(connector.connect("localhost", client).await);
        assert_eq!(kind, ErrorKind::InvalidData);
        let text = error.to_string();
        assert!(text.contains("localhost") && text.contains("speak TLS?"), "{text}");
        Ok(())
    })
}

fn a_client_that_speaks_no_tls_gets_an_alert() -> io::Result<()> {
    run(async {
        let acceptor = Authority::new().acceptor();
        let (mut client, server) = common::pair().await?;
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
        let (kind, error) = failure(acceptor.accept(server).await);
        assert_eq!(kind, ErrorKind::InvalidData);
        assert!(error.to_string().contains("speak TLS?"), "{error}");
        // A record of the type `alert` (RFC 8446, section 5.1), if the reset of the unread rest leaves it be.
        let mut alert = [0; 7];
        if client.read_exact(&mut alert).await.is_ok() {
            assert_eq!(alert[0], 21);
        }
        Ok(())
    })
}

fn garbage_of_every_kind_is_an_error_and_no_panic() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        // The same at each run: a linear congruential generator.
        let mut state = 1_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for round in 0..100 {
            let mut garbage: Vec<u8> = (0..600).map(|_| random()).collect();
            // From plain noise to what begins as a record of a handshake, of a credible length.
            let header = [22, 3, 3, 1, 0, 1 + round % 2, 0, 0, 250];
            let kept = usize::from(round) % 10;
            garbage[..kept].copy_from_slice(&header[..kept]);
            let (client, mut peer) = common::pair().await?;
            peer.write_all(&garbage).await?;
            peer.close().await?;
            failure(connector.connect("localhost", client).await);
            let (mut peer, server) = common::pair().await?;
            peer.write_all(&garbage).await?;
            peer.close().await?;
            failure(acceptor.accept(server).await);
        }
        Ok(())
    })
}

fn a_peer_that_leaves_in_the_middle_is_named() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, mut server) = common::pair().await?;
        server.close().await?;
        let (kind, error) = failure(authority.connector().connect("localhost", client).await);
        assert_eq!(kind, ErrorKind::UnexpectedEof);
        let text = error.to_string();
        assert!(text.contains("localhost") && text.contains("closed the connection"), "{text}");
        let (mut client, server) = common::pair().await?;
        // The beginning of a record that never ends.
        client.write_all(&[22, 3, 1, 2, 0, 1]).await?;
        client.close().await?;
        let (kind, _) = failure(authority.acceptor().accept(server).await);
        assert_eq!(kind, ErrorKind::UnexpectedEof);
        Ok(())
    })
}

fn sides_without_a_common_version_refuse_each_other() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let connector = TlsConnector::builder().root_pem(authority.pem());
        let connector = connector.protocol_versions(&[&rustls::version::TLS12]).build()?;
        let acceptor = TlsAcceptor::builder().identity(authority.identity(&["localhost"]));
        let acceptor = acceptor.protocol_versions(&[&rustls::version::TLS13]).build()?;
        let (client, server) = handshake(&connector, "localhost", &acceptor).await?;
        let (_, error) = failure(client);
        assert!(refused_for(&error, AlertDescription::ProtocolVersion), "{error}");
        assert!(error.to_string().contains("the peer has refused"), "{error}");
        failure(server);
        Ok(())
    })
}

fn a_handshake_that_is_dropped_closes_its_stream() -> io::Result<()> {
    run(async {
        let connector = Authority::new().connector();
        let (client, mut server) = common::pair().await?;
        let mut connecting = Box::pin(connector.connect("localhost", client));
        assert!(common::stays_pending(&mut connecting).await?);
        drop(connecting);
        let mut hello = Vec::new();
        server.read_to_end(&mut hello).await?;
        assert_eq!(hello.first(), Some(&22));
        Ok(())
    })
}

fn a_stream_that_takes_nothing_is_an_error() -> io::Result<()> {
    run(async {
        // Room for 10 bytes; after that, writes write nothing.
        let mut room = [0; 10];
        let stream = Cursor::new(&mut room[..]);
        let error = Authority::new().connector().connect("localhost", stream).await;
        let error = error.expect_err("the hello is longer");
        assert_eq!(error.kind(), ErrorKind::WriteZero);
        assert!(error.to_string().contains("localhost"), "{error}");
        Ok(())
    })
}
