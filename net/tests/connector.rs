//! What a connector's settings do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use runtime::net::tcp::{Family, Keepalive};
use runtime::net::{AttemptsError, TcpConnector, TcpListener, TcpStream};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    options_are_set_before_the_socket_connects,
    a_function_sets_further_options_and_may_refuse,
    a_family_leaves_the_addresses_of_the_other_out,
    a_local_address_is_what_the_peer_sees,
    a_local_address_leaves_the_other_family_out,
    a_local_address_that_is_not_ours_is_named,
    several_attempts_share_a_local_port,
    a_connector_serves_many_tasks,
    a_refused_address_makes_way_at_once,
    interleaving_decides_the_order_of_attempts,
);

fn options_are_set_before_the_socket_connects() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let stream = TcpConnector::new()
            .nodelay(true)
            .tcp_keepalive(Keepalive::new().time(Duration::from_secs(77)))
            .send_buffer_size(20_000)
            .recv_buffer_size(30_000)
            .connect(address)
            .await?;
        let socket = socket2::SockRef::from(&stream);
        assert!(stream.nodelay()?);
        assert!(stream.keepalive()?);
        // Linux doubles them; others may round.
        assert!((20_000..=80_000).contains(&socket.send_buffer_size()?));
        assert!((30_000..=120_000).contains(&socket.recv_buffer_size()?));

        let plain = TcpStream::connect(address).await?;
        assert!(!plain.nodelay()? && !plain.keepalive()?);
        let kept = TcpConnector::new().keepalive(true).connect(address).await?;
        assert!(kept.keepalive()?);
        Ok(())
    })
}

fn a_function_sets_further_options_and_may_refuse() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addresses = [common::closed()?, listener.local_addr()?];
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let refuse = addresses[0];
        let connector = TcpConnector::new().configure(move |socket, remote| {
            counted.fetch_add(1, SeqCst);
            if remote == refuse {
                return Err(io::Error::other("not there"));
            }
            socket.set_linger(Some(Duration::from_secs(3)))
        });
        let stream = connector.connect(addresses).await?;
        assert_eq!(stream.linger()?, Some(Duration::from_secs(3)));
        assert_eq!(calls.load(SeqCst), 2);

        let error = connector.connect(refuse).await.expect_err("refused by the function");
        assert!(error.to_string().contains("not there"), "{error}");
        Ok(())
    })
}

fn a_family_leaves_the_addresses_of_the_other_out() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let four = listener.local_addr()?;
        let six = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 9));
        let connector = TcpConnector::new().family(Family::V4);
        let stream = connector.connect([six, four, six]).await?;
        assert_eq!(stream.peer_addr()?, four);

        let error = connector.connect(six).await.expect_err("nothing to try");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), "could not connect to [::1]:9: not IPv4, as was asked for");
        let error = TcpConnector::new().family(Family::V6).connect(four).await;
        assert_eq!(error.expect_err("nothing to try").kind(), ErrorKind::InvalidInput);
        Ok(())
    })
}

fn a_local_address_is_what_the_peer_sees() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        // Linux has all of 127.0.0.0/8.
        let local = if cfg!(target_os = "linux") { "127.0.0.2:0" } else { "127.0.0.1:0" };
        let local: SocketAddr = local.parse().expect("an address");
        let connector = TcpConnector::new().local_addr(local);
        let stream = connector.connect(listener.local_addr()?).await?;
        assert_eq!(stream.local_addr()?.ip(), local.ip());
        let (_, peer) = listener.accept().await?;
        assert_eq!(peer, stream.local_addr()?);
        Ok(())
    })
}

fn a_local_address_leaves_the_other_family_out() -> io::Result<()> {
    run(async {
        let local = "[::1]:0".parse().expect("an address");
        let connector = TcpConnector::new().local_addr(local);
        let error = connector.connect("127.0.0.1:9").await.expect_err("nothing to try");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("the family of the local address"), "{error}");

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let both = connector.local_addr("127.0.0.1:0".parse().expect("an address"));
        both.connect(listener.local_addr()?).await?;
        Ok(())
    })
}

fn a_local_address_that_is_not_ours_is_named() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        // An address for documentation (RFC 5737), which no interface has.
        let local = "192.0.2.7:0".parse().expect("an address");
        let connector = TcpConnector::new().local_addr(local);
        let error = connector.connect(listener.local_addr()?).await.expect_err("not ours");
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
        assert!(error.to_string().contains("could not bind to 192.0.2.7:0"), "{error}");
        Ok(())
    })
}

fn several_attempts_share_a_local_port() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let other = TcpListener::bind("127.0.0.1:0").await?;
        let local = common::closed()?;
        let connector = TcpConnector::new().local_addr(local);
        let first = connector.connect(listener.local_addr()?).await?;
        let second = connector.connect(other.local_addr()?).await?;
        assert_eq!(first.local_addr()?, local);
        assert_eq!(second.local_addr()?, local);

        let strict = connector.reuseaddr(false);
        let error = strict.connect(other.local_addr()?).await.expect_err("in use");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        Ok(())
    })
}

fn a_connector_serves_many_tasks() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let connector = TcpConnector::new().nodelay(true);
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let connector = connector.clone();
                runtime::spawn(async move { connector.connect(address).await?.nodelay() })
            })
            .collect();
        for task in tasks {
            assert!(task.await.expect("no panic")?);
        }
        Ok(())
    })
}

fn a_refused_address_makes_way_at_once() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addresses = [common::closed()?, common::closed()?, listener.local_addr()?];
        let slow = TcpConnector::new().happy_eyeballs_delay(None);
        assert_eq!(slow.connect(addresses).await?.peer_addr()?, addresses[2]);
        assert_eq!(TcpStream::connect(&addresses[..]).await?.peer_addr()?, addresses[2]);
        Ok(())
    })
}

fn interleaving_decides_the_order_of_attempts() {
    let tried = |connector: TcpConnector| -> Vec<u16> {
        let [a, b, c] = [1, 2, 3].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let six = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 4));
        let connector = connector.configure(|_, _| Err(io::Error::other("not today")));
        let error = run(connector.connect([a, b, c, six])).expect_err("refused by the function");
        let list = error.get_ref().and_then(|error| error.downcast_ref::<AttemptsError>());
        list.expect("a list").attempts().map(|(address, _)| address.port()).collect()
    };
    assert_eq!(tried(TcpConnector::new()), [1, 4, 2, 3]);
    assert_eq!(tried(TcpConnector::new().interleave(2)), [1, 2, 4, 3]);
    assert_eq!(tried(TcpConnector::new().interleave(0)), [1, 2, 3, 4]);
}

#[test]
fn the_delay_stays_within_the_bounds_of_the_rfc() {
    for (asked, given) in [(0, "10ms"), (10, "10ms"), (300, "300ms"), (60_000, "2s")] {
        let connector = TcpConnector::new().happy_eyeballs_delay(Duration::from_millis(asked));
        let shown = format!("{connector:?}");
        assert!(shown.contains(&format!("happy_eyeballs_delay: Some({given})")), "{shown}");
    }
    assert!(format!("{:?}", TcpConnector::default()).contains("Some(250ms)"));
}
