//! A server may ask its clients for certificates, or insist on them.

#![cfg(feature = "tls")]

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::tls::rustls::version::{TLS12, TLS13};
use runtime::net::tls::rustls::{self, AlertDescription};
use runtime::net::tls::{HandshakeError, Identity, TlsAcceptor, TlsAcceptorBuilder, TlsConnector};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};
use tls::{Authority, handshake};

on_each_selector!(
    a_client_that_is_asked_shows_its_certificate,
    a_client_without_certificate_passes_if_it_may,
    a_client_without_certificate_is_refused_if_it_may_not,
    a_certificate_that_does_not_convince_is_refused_in_any_case,
);

fn server(authority: &Authority) -> TlsAcceptorBuilder {
    TlsAcceptor::builder().identity(authority.identity(&["localhost"]))
}

/// A certificate for the client `name`, and a connector that shows it.
fn client(authority: &Authority, signer: &Authority, name: &str) -> io::Result<TlsConnector> {
    let identity = signer.identity(&[name]);
    TlsConnector::builder().root_pem(authority.pem()).identity(identity).build()
}

fn a_client_that_is_asked_shows_its_certificate() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (chain, key) = authority.sign(&["ada"], |_| {});
        let own = Identity::from_pem(&chain, key)?;
        let acceptors = [
            server(&authority).require_client_certificates(authority.roots()).build()?,
            server(&authority).request_client_certificates(authority.roots()).build()?,
        ];
        for acceptor in &acceptors {
            for version in [&TLS12, &TLS13] {
                let connector = TlsConnector::builder()
                    .root_pem(authority.pem())
                    .identity(own.clone())
                    .protocol_versions(&[version])
                    .build()?;
                let (mut client, mut server) = tls::pair_of(&connector, acceptor).await?;
                let shown = server.peer_certificates().expect("it was asked for one");
                let roots = runtime::net::tls::roots_from_pem(&chain)?;
                assert_eq!((shown.len(), roots.len()), (1, 1));
                client.write_all(b"it is me").await?;
                let mut text = [0; 8];
                server.read_exact(&mut text).await?;
                assert_eq!(&text, b"it is me");
            }
        }
        Ok(())
    })
}

fn a_client_without_certificate_passes_if_it_may() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let acceptor = server(&authority).request_client_certificates(authority.roots()).build()?;
        let (_, server) = tls::pair_of(&authority.connector(), &acceptor).await?;
        assert!(server.peer_certificates().is_none());
        Ok(())
    })
}

fn a_client_without_certificate_is_refused_if_it_may_not() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let acceptor = server(&authority).require_client_certificates(authority.roots()).build()?;
        let (client, server) = handshake(&authority.connector(), "localhost", &acceptor).await?;
        let error = server.expect_err("it has shown nothing");
        let error = error.get_ref().and_then(|error| error.downcast_ref::<HandshakeError>());
        assert!(error.expect("it is about the handshake").is_certificate());
        // In TLS 1.3 the client is done before the server has looked at it, and hears of it when it reads.
        let error = client?.read(&mut [0]).await.expect_err("it has been refused");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let cause = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
        let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
        assert_eq!(cause, Some(&alert));
        Ok(())
    })
}

fn a_certificate_that_does_not_convince_is_refused_in_any_case() -> io::Result<()> {
    run(async {
        let (authority, stranger) = (Authority::new(), Authority::new());
        let connector = client(&authority, &stranger, "mallory")?;
        let acceptors = [
            server(&authority).require_client_certificates(authority.roots()).build()?,
            server(&authority).request_client_certificates(authority.roots()).build()?,
        ];
        for acceptor in &acceptors {
            let (_, server) = handshake(&connector, "localhost", acceptor).await?;
            let error = server.expect_err("nobody knows who has signed it");
            assert!(error.to_string().contains("UnknownIssuer"), "{error}");
        }
        Ok(())
    })
}
