//! Both sides agree on a protocol (ALPN), and the server shows the certificate for the name that it is asked
//! for (SNI).

#![cfg(feature = "tls")]

use std::io;

use runtime::net::tls::rustls::{self, AlertDescription};
use runtime::net::tls::{HandshakeError, TlsAcceptor, TlsConnector};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};
use tls::{Authority, Tls, handshake};

on_each_selector!(
    the_dearest_protocol_of_the_server_is_taken,
    without_a_common_protocol_there_is_no_connection,
    who_does_not_care_about_protocols_gets_none,
    the_name_that_is_asked_for_chooses_the_certificate,
    without_sni_the_certificate_for_everybody_is_shown,
    without_a_certificate_for_the_name_the_client_is_refused,
);

fn connector(authority: &Authority, protocols: &[&str]) -> io::Result<TlsConnector> {
    TlsConnector::builder().root_pem(authority.pem()).alpn(protocols).build()
}

fn acceptor(authority: &Authority, protocols: &[&str]) -> io::Result<TlsAcceptor> {
    let identity = authority.identity(&["localhost"]);
    TlsAcceptor::builder().identity(identity).alpn(protocols).build()
}

fn the_dearest_protocol_of_the_server_is_taken() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let connector = connector(&authority, &["http/1.1", "h2", "spdy/3"])?;
        let acceptor = acceptor(&authority, &["imap", "h2", "http/1.1"])?;
        let (client, server) = tls::pair_of(&connector, &acceptor).await?;
        assert_eq!(client.alpn_protocol(), Some(&b"h2"[..]));
        assert_eq!(server.alpn_protocol(), Some(&b"h2"[..]));
        Ok(())
    })
}

fn without_a_common_protocol_there_is_no_connection() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let connector = connector(&authority, &["h2"])?;
        let acceptor = acceptor(&authority, &["imap"])?;
        let (client, server) = handshake(&connector, "localhost", &acceptor).await?;
        let refusal = rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol);
        assert_eq!(tls_error(client), Some(refusal));
        assert_eq!(tls_error(server), Some(rustls::Error::NoApplicationProtocol));
        Ok(())
    })
}

fn tls_error(result: io::Result<Tls>) -> Option<rustls::Error> {
    let error = result.expect_err("the handshake must not succeed");
    let error = error.get_ref()?.downcast_ref::<HandshakeError>()?;
    error.tls_error().cloned()
}

fn who_does_not_care_about_protocols_gets_none() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        for (offered, spoken) in [(&[][..], &["h2"][..]), (&["h2"], &[])] {
            let connector = connector(&authority, offered)?;
            let acceptor = acceptor(&authority, spoken)?;
            let (client, server) = tls::pair_of(&connector, &acceptor).await?;
            assert_eq!(client.alpn_protocol(), None);
            assert_eq!(server.alpn_protocol(), None);
        }
        Ok(())
    })
}

fn the_name_that_is_asked_for_chooses_the_certificate() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let acceptor = TlsAcceptor::builder()
            .identity(authority.identity(&["localhost"]))
            .identity_for("Shop.Example", authority.identity(&["shop.example"]))
            .identity_for("*.house.example", authority.identity(&["*.house.example"]))
            .build()?;
        let connector = authority.connector();
        let mut shown = Vec::new();
        // Each is accepted only with a certificate that is for it.
        for host in [
            "localhost",
            "shop.example",
            "SHOP.example",
            "blog.house.example",
            "mail.house.example",
        ] {
            let (client, server) = handshake(&connector, host, &acceptor).await?;
            let (client, server) = (client?, server?);
            assert_eq!(client.server_name(), Some(host));
            assert_eq!(server.server_name(), Some(host.to_lowercase().as_str()));
            shown.push(client.peer_certificates().expect("servers show some")[0].clone());
            assert!(server.peer_certificates().is_none());
        }
        assert!(shown[0] != shown[1] && shown[1] == shown[2]);
        assert!(shown[2] != shown[3] && shown[3] == shown[4]);
        // A wildcard stands for one label.
        let (client, _) = handshake(&connector, "a.b.house.example", &acceptor).await?;
        client.expect_err("the certificate is the one for everybody");
        Ok(())
    })
}

fn without_sni_the_certificate_for_everybody_is_shown() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let acceptor = TlsAcceptor::builder()
            .identity(authority.identity(&["everybody.example", "shop.example"]))
            .identity_for("shop.example", authority.identity(&["shop.example"]))
            .build()?;
        let connector = TlsConnector::builder().root_pem(authority.pem()).sni(false).build()?;
        let (client, server) = handshake(&connector, "shop.example", &acceptor).await?;
        let silent = client?.peer_certificates().expect("servers show some")[0].clone();
        assert_eq!(server?.server_name(), None);
        let (client, _) = handshake(&authority.connector(), "shop.example", &acceptor).await?;
        assert!(silent != client?.peer_certificates().expect("servers show some")[0]);
        Ok(())
    })
}

fn without_a_certificate_for_the_name_the_client_is_refused() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let identity = authority.identity(&["shop.example"]);
        let acceptor = TlsAcceptor::builder().identity_for("shop.example", identity).build()?;
        let connector = authority.connector();
        let (client, server) = handshake(&connector, "blog.example", &acceptor).await?;
        client.expect_err("there is nothing to show");
        server.expect_err("there is nothing to show");
        let (client, server) = handshake(&connector, "shop.example", &acceptor).await?;
        client?;
        server?;
        Ok(())
    })
}
