//! Addresses that do not answer, and what becomes of the sockets that asked them.
//!
//! One test, alone in its process: it counts descriptors.

#![cfg(target_os = "linux")]

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use runtime::Builder;
use runtime::net::{AttemptsError, TcpConnector, TcpListener, TcpStream};

mod common;

use common::{BlackHole, descriptors, selectors};

/// Two addresses that do not answer, one that refuses, and one that answers.
struct Field {
    holes: [BlackHole; 2],
    closed: SocketAddr,
    listener: TcpListener,
}

impl Field {
    async fn new() -> io::Result<Field> {
        // The loop opens the descriptor of its timer for the first sleep.
        runtime::time::sleep(Duration::from_millis(1)).await;
        Ok(Field {
            holes: [BlackHole::new().await?, BlackHole::new().await?],
            closed: common::closed()?,
            listener: TcpListener::bind("127.0.0.1:0").await?,
        })
    }

    fn addresses(&self) -> io::Result<[SocketAddr; 4]> {
        let [first, second] = self.holes.each_ref().map(BlackHole::address);
        Ok([first, self.closed, second, self.listener.local_addr()?])
    }
}

#[test]
fn unanswered_attempts_are_overtaken_and_their_sockets_closed() -> io::Result<()> {
    for choice in [selectors::MIO, selectors::POLL] {
        selectors::on(choice, || {
            on(selectors::builder(), winner)?;
            on(selectors::builder(), cancelled)?;
            on(selectors::builder().start_paused(true), out_of_time)?;
            on(selectors::builder().start_paused(true), out_of_time_alone)
        })?;
    }
    Ok(())
}

fn on(builder: Builder, test: impl AsyncFnOnce(Field) -> io::Result<()>) -> io::Result<()> {
    builder.build()?.block_on(async { test(Field::new().await?).await })
}

/// The address that answers wins, however many before it do not.
async fn winner(field: Field) -> io::Result<()> {
    let addresses = field.addresses()?;
    let before = descriptors()?;
    let connector = TcpConnector::new().happy_eyeballs_delay(Duration::from_millis(10));
    let stream = connector.connect(addresses).await?;
    assert_eq!(stream.peer_addr()?, addresses[3]);
    assert_eq!(descriptors()?, before + 1, "only the winner's socket is open");
    drop(stream);

    let stream = TcpStream::connect(&addresses[2..]).await?;
    assert_eq!(stream.peer_addr()?, addresses[3]);
    assert_eq!(descriptors()?, before + 1);
    Ok(())
}

/// A connect that is dropped closes what it has opened, once.
async fn cancelled(field: Field) -> io::Result<()> {
    let addresses = field.addresses()?;
    let before = descriptors()?;
    let connector = TcpConnector::new().happy_eyeballs_delay(Duration::from_millis(10));
    for _ in 0..3 {
        let mut connect = Box::pin(connector.connect(&addresses[..3]));
        while descriptors()? < before + 2 {
            assert!(futures::future::poll_immediate(&mut connect).await.is_none());
            runtime::task::yield_now().await;
        }
        drop(connect);
        assert_eq!(descriptors()?, before, "the sockets are closed at once");
        // A second close would hit this file, which took one of the numbers.
        let file = std::fs::File::open("/proc/self/stat")?;
        common::round_trips(2).await?;
        file.metadata()?;
    }
    Ok(())
}

/// When the time is up, the error tells which address failed how.
async fn out_of_time(field: Field) -> io::Result<()> {
    let addresses = field.addresses()?;
    let before = descriptors()?;
    let connector = TcpConnector::new().timeout(Duration::from_secs(5));
    let error = connector.connect(&addresses[..3]).await.expect_err("nobody answers");
    assert_eq!(descriptors()?, before);
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let list = error.get_ref().and_then(|error| error.downcast_ref::<AttemptsError>());
    let causes = list.expect("a list").attempts();
    let causes: Vec<_> = causes.map(|(address, cause)| (address, cause.kind())).collect();
    let expected = [ErrorKind::TimedOut, ErrorKind::ConnectionRefused, ErrorKind::TimedOut];
    assert_eq!(causes, Vec::from_iter(addresses.into_iter().zip(expected)));
    assert!(error.to_string().contains("(not connected within 5s)"), "{error}");

    let stream = connector.connect(addresses).await?;
    assert_eq!(stream.peer_addr()?, addresses[3]);
    Ok(())
}

/// The limit holds for a single address as well.
async fn out_of_time_alone(field: Field) -> io::Result<()> {
    let address = field.holes[0].address();
    let connector = TcpConnector::new().timeout(Duration::from_secs(5));
    let error = connector.connect(address).await.expect_err("nobody answers");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    Ok(())
}
