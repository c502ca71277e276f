//! Names go to the blocking pool, numbers do not.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use runtime::blocking::{Executor, Job, Report};
use runtime::net::{TcpConnector, TcpListener, TcpStream, lookup_addr, lookup_host};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    localhost_is_looked_up,
    a_name_connects,
    an_unknown_name_is_an_error_that_repeats_it,
    malformed_addresses_are_invalid_input,
    numeric_hosts_never_reach_the_resolver,
    an_address_has_a_name_and_a_service,
    a_port_without_a_service_is_given_back_as_text,
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

/// An executor that takes no job.
struct Nobody;

impl Executor for Nobody {
    fn execute(&self, _: Job) -> io::Result<()> {
        Err(io::Error::other("there is no thread for this"))
    }

    fn shutdown(&self, _: Option<Duration>) -> Report {
        Report::default()
    }
}

fn numeric_hosts_never_reach_the_resolver() -> io::Result<()> {
    let runtime = selectors::builder().blocking_executor(Nobody).build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        TcpStream::connect(("127.0.0.1", port)).await?;
        TcpStream::connect(format!("127.0.0.1:{port}")).await?;
        let connector = TcpConnector::new().timeout(Duration::from_secs(60)).nodelay(true);
        connector.connect(("127.0.0.1", port)).await?;
        let error = TcpStream::connect(("::1", port)).await;
        assert!(error.is_ok() || !error.unwrap_err().to_string().contains("no thread"));

        let error = TcpStream::connect(("localhost", port)).await.expect_err("no resolver");
        assert!(error.to_string().contains("there is no thread for this"), "{error}");
        let error = lookup_addr(listener.local_addr()?).await.expect_err("no resolver");
        assert!(error.to_string().contains("there is no thread for this"), "{error}");
        Ok(())
    })
}

fn an_address_has_a_name_and_a_service() -> io::Result<()> {
    run(async {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        let (host, service) = lookup_addr(address).await?;
        // What the machine calls itself is its own affair, but the way back is known.
        if host == "127.0.0.1" {
            println!("skipped in part: 127.0.0.1 has no name here");
        }
        let mut back = lookup_host((host.as_str(), 80)).await?;
        assert!(back.any(|found| found.ip().is_loopback()), "{host}");
        assert!(service == "http" || service == "80", "{service}");
        Ok(())
    })
}

fn a_port_without_a_service_is_given_back_as_text() -> io::Result<()> {
    run(async {
        // Port 1023 is reserved, with no service of that number.
        let (_, service) = lookup_addr(SocketAddr::from(([127, 0, 0, 1], 1023))).await?;
        assert_eq!(service, "1023");
        let (_, service) = lookup_addr(SocketAddr::from((Ipv6Addr::LOCALHOST, 1023))).await?;
        assert_eq!(service, "1023");
        Ok(())
    })
}
