//! The features that bring roots bring those that they promise.

#![cfg(all(feature = "native-roots", feature = "webpki-roots"))]

use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::Command;

use runtime::net::tls::TlsConnector;

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::run;
use tls::{Authority, handshake};

#[test]
fn mozilla_s_roots_do_not_vouch_for_an_authority_of_ours() -> io::Result<()> {
    run(async {
        let connector = TlsConnector::builder().webpki_roots().build()?;
        let acceptor = Authority::new().acceptor();
        let (client, _) = handshake(&connector, "localhost", &acceptor).await?;
        assert_eq!(client.expect_err("nobody knows it").kind(), ErrorKind::InvalidData);
        Ok(())
    })
}

#[test]
fn roots_of_several_kinds_are_trusted_together() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let connector = TlsConnector::builder().root_pem(authority.pem()).webpki_roots().build()?;
        tls::pair_of(&connector, &authority.acceptor()).await?;
        Ok(())
    })
}

/// Set for the process that has a store of certificates of its own.
const STORE: &str = "SSL_CERT_FILE";

#[test]
fn the_system_s_roots_are_those_in_its_store() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    // The variable counts for a whole process, so that it takes another one.
    let output = Command::new(std::env::current_exe()?)
        .args(["--exact", "in_a_process_with_a_store_of_its_own", "--nocapture"])
        .env(STORE, folder.path().join("store.pem"))
        .env_remove("SSL_CERT_DIR")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert!(text.contains("with a store"), "{text}");
    Ok(())
}

#[test]
fn in_a_process_with_a_store_of_its_own() -> io::Result<()> {
    let Some(store) = std::env::var_os(STORE) else { return Ok(()) };
    if Path::new(&store).exists() {
        // It is the user's.
        return Ok(());
    }
    run(async {
        println!("with a store");
        let error = TlsConnector::builder().native_roots().build().expect_err("there is no file");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("store of certificates"), "{error}");
        let authority = Authority::new();
        std::fs::write(&store, authority.pem())?;
        for connector in [TlsConnector::new()?, TlsConnector::builder().native_roots().build()?] {
            tls::pair_of(&connector, &authority.acceptor()).await?;
            let (client, _) =
                handshake(&connector, "localhost", &Authority::new().acceptor()).await?;
            client.expect_err("it is not in the store");
        }
        Ok(())
    })
}
