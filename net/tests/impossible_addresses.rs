//! Addresses that lead nowhere by their nature: an error that names them, and no wait.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use runtime::net::{TcpConnector, TcpListener, TcpStream};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_port_of_zero_is_refused_by_name,
    a_broadcast_address_is_refused_by_name,
    a_scope_that_does_not_exist_is_refused_by_name,
    an_address_that_is_not_ours_cannot_be_listened_on,
    a_connection_to_a_port_in_use_by_its_own_end_is_refused,
);

fn refused(address: &str) -> io::Error {
    let address: SocketAddr = address.parse().expect("an address");
    let error = run(TcpStream::connect(address)).expect_err("nobody can be there");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    error
}

fn a_port_of_zero_is_refused_by_name() {
    refused("127.0.0.1:0");
}

fn a_broadcast_address_is_refused_by_name() {
    refused("255.255.255.255:9");
}

fn a_scope_that_does_not_exist_is_refused_by_name() {
    refused("[fe80::1%4294967295]:9");
}

fn an_address_that_is_not_ours_cannot_be_listened_on() {
    // An address for documentation (RFC 5737), which no interface has.
    let error = run(TcpListener::bind("192.0.2.7:0")).expect_err("not ours");
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
    assert!(error.to_string().contains("192.0.2.7:0"), "{error}");
}

fn a_connection_to_a_port_in_use_by_its_own_end_is_refused() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        // The listener has the port to itself, whatever the connector allows.
        let connector = TcpConnector::new().local_addr(address);
        let error = connector.connect(address).await.expect_err("in use");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().contains("could not bind to"), "{error}");
        Ok(())
    })
}
