//! What a connector or an acceptor cannot be made of is an error that says so.

#![cfg(feature = "tls")]

use std::io::{self, ErrorKind};
use std::sync::Arc;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::net::tls::rustls::crypto::ring;
use runtime::net::tls::rustls::pki_types::pem::PemObject;
use runtime::net::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use runtime::net::tls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use runtime::net::tls::{
    HandshakeError, Identity, TlsAcceptor, TlsAcceptorBuilder, TlsConnector, TlsConnectorBuilder,
    TlsStream, roots_from_pem,
};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::run;
use tls::Authority;

#[test]
fn texts_without_certificate_or_key_are_refused() {
    let (chain, key) = Authority::new().sign(&["localhost"], |_| {});
    let broken = chain.replace("-----END", "");
    let nonsense = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
    let cases = [
        (String::new(), key.clone(), "no certificate"),
        (key.clone(), key.clone(), "no certificate"),
        (broken, key.clone(), "cannot be read"),
        (nonsense.to_owned(), key.clone(), "cannot be read"),
        (chain.clone(), String::new(), "no private key"),
        (chain.clone(), chain.clone(), "no private key"),
        (chain.clone(), key.replace("-----END", ""), "cannot be read"),
    ];
    for (chain, key, cause) in cases {
        let error = Identity::from_pem(chain, key).expect_err(cause);
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains(cause), "{error}, not {cause}");
    }
    assert!(!format!("{:?}", Identity::from_pem(chain, &key)).contains(&key[40..60]));
}

#[test]
fn the_key_of_another_certificate_is_refused() -> io::Result<()> {
    let authority = Authority::new();
    let ((chain, _), (_, key)) = (authority.sign(&["a"], |_| {}), authority.sign(&["b"], |_| {}));
    let mixed = Identity::from_pem(chain, key)?;
    let acceptors = [
        TlsAcceptor::new(mixed.clone()),
        TlsAcceptor::builder().identity_for("a", mixed.clone()).build(),
    ];
    for acceptor in acceptors {
        let error = acceptor.expect_err("they do not belong together");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("private key"), "{error}");
    }
    let connector = TlsConnector::builder().root_pem(authority.pem()).identity(mixed).build();
    assert_eq!(connector.expect_err("nor here").kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[test]
fn an_acceptor_needs_something_to_show() {
    let error = TlsAcceptor::builder().build().expect_err("there is no certificate");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("identity"), "{error}");
    let der: [CertificateDer<'static>; 0] = [];
    let key = PrivateKeyDer::from_pem_slice(Authority::new().sign(&["a"], |_| {}).1.as_bytes());
    Identity::from_der(der, key.expect("a key")).expect_err("the chain is empty");
}

#[test]
fn protocols_without_a_name_are_refused() {
    let authority = Authority::new();
    for name in [String::new(), "x".repeat(256)] {
        let connector = TlsConnector::builder().root_pem(authority.pem()).alpn(["h2", &name]);
        let error = connector.build().expect_err("that is no name");
        assert!(error.to_string().contains("1 to 255 bytes"), "{error}");
        let acceptor = TlsAcceptor::builder().identity(authority.identity(&["a"])).alpn([&name]);
        acceptor.build().expect_err("nor is it here");
    }
    let longest = "x".repeat(255);
    let connector = TlsConnector::builder().root_pem(authority.pem()).alpn([&longest]);
    connector.build().expect("that is one");
}

#[test]
fn the_first_wish_that_cannot_be_met_is_told() {
    let authority = Authority::new();
    let builder = TlsConnector::builder().root_pem("nothing").root_pem(authority.pem());
    let error = builder.build().expect_err("there was nothing");
    assert!(error.to_string().contains("no certificate"), "{error}");
    let builder = TlsConnector::builder().root_pem(authority.pem()).server_name("not a name");
    let error = builder.build().expect_err("that is no name");
    assert!(error.to_string().contains("`not a name`"), "{error}");
    let identity = authority.identity(&["localhost"]);
    let builder = TlsAcceptor::builder().identity(identity);
    let error = builder.require_client_certificates(RootCertStore::empty()).build();
    assert_eq!(error.expect_err("nobody could come in").kind(), ErrorKind::InvalidInput);
}

#[test]
fn several_roots_are_trusted_together() -> io::Result<()> {
    run(async {
        let authorities = [Authority::new(), Authority::new(), Authority::new()];
        let connector = TlsConnector::builder()
            .root_pem(format!("{}\n{}", authorities[0].pem(), authorities[1].pem()))
            .roots(authorities[2].roots())
            .build()?;
        for authority in &authorities {
            tls::pair_of(&connector, &authority.acceptor()).await?;
        }
        Ok(())
    })
}

#[test]
fn configurations_of_rustls_are_taken_as_they_are() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (chain, key) = authority.sign(&["localhost"], |_| {});
        let provider = Arc::new(ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .with_root_certificates(roots_from_pem(authority.pem())?)
            .with_no_client_auth();
        let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .with_no_client_auth()
            .with_single_cert(chain.clone(), key.clone_key())
            .expect("they belong together");
        server.max_early_data_size = 0;
        let (connector, acceptor) = (TlsConnector::from(client), TlsAcceptor::from(server));
        let (mut client, mut server) = tls::pair_of(&connector, &acceptor).await?;
        client.write_all(b"hello").await?;
        server.read_exact(&mut [0; 5]).await?;

        // The same in DER, by our own means.
        let acceptor = TlsAcceptor::new(Identity::from_der(chain.clone(), key)?)?;
        let (client, _) = tls::pair_of(&connector, &acceptor).await?;
        assert_eq!(client.peer_certificates(), Some(&chain[..]));
        Ok(())
    })
}

#[test]
fn what_leaves_the_thread_can() {
    fn send_sync<T: Send + Sync + Unpin>() {}
    fn send<T: Send>(_: T) {}
    send_sync::<TlsConnector>();
    send_sync::<TlsConnectorBuilder>();
    send_sync::<TlsAcceptor>();
    send_sync::<TlsAcceptorBuilder>();
    send_sync::<TlsStream<TcpStream>>();
    send_sync::<Identity>();
    send_sync::<HandshakeError>();
    let authority = Authority::new();
    // Never polled; only their types matter.
    let stream = || futures::io::Cursor::new(Vec::new());
    let (connector, acceptor) = (authority.connector(), authority.acceptor());
    send(connector.connect("localhost", stream()));
    send(acceptor.accept(stream()));
}
