//! Names go to the blocking pool, numbers do not.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};

use runtime::net::{TcpListener, TcpStream, lookup_host};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    localhost_is_looked_up,
    a_name_connects,
    an_unknown_name_is_an_error_that_repeats_it,
    malformed_addresses_are_invalid_input,
);

fn localhost_is_looked_up() -> io::Result<()> {
    run(async {
        let found: Vec<SocketAddr> = lookup_host("localhost:80").await?.collect();
        assert!(!found.is_empty());
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 80));
        Ok(())
    })
}

fn a_name_connects() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind(("localhost", 0)).await?;
        let port = listener.local_addr()?.port();
        TcpStream::connect(("localhost", port)).await?;
        TcpStream::connect(format!("localhost:{port}")).await?;
        Ok(())
    })
}

fn an_unknown_name_is_an_error_that_repeats_it() {
    let error = run(TcpStream::connect("no-such-host.invalid:80")).expect_err("unknown");
    assert!(error.to_string().contains("no-such-host.invalid"), "{error}");
}

fn malformed_addresses_are_invalid_input() {
    for text in ["localhost", "localhost:http", "", ":"] {
        let error = run(TcpStream::connect(text)).expect_err("malformed");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
    }
}

#[test]
fn numbers_are_known_at_once() {
    // Neither a loop nor a resolver is at hand here; a name would need both.
    let now = futures::executor::block_on(async {
        let mut found = Vec::new();
        found.extend(lookup_host("127.0.0.1:80").await?);
        found.extend(lookup_host(("127.0.0.1", 80)).await?);
        found.extend(lookup_host((Ipv4Addr::LOCALHOST, 80)).await?);
        found.extend(lookup_host(String::from("[::1]:80")).await?);
        found.extend(lookup_host(("::1", 80)).await?);
        found.extend(lookup_host(("[::1]", 80)).await?);
        Ok::<_, io::Error>(found)
    });
    assert_eq!(now.expect("numbers").len(), 6);
}
