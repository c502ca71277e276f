//! The pipes of splice(2) are few, and done without when there are no descriptors.
//!
//! One test, alone in its process, whose descriptors it counts, and then forbids.

#![cfg(target_os = "linux")]

use std::io::{self, Read, Write};

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpStream, copy_bidirectional};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

mod common;

use common::selectors::{self, run};

#[test]
fn pipes_are_shared_and_can_be_done_without() -> io::Result<()> {
    for choice in [selectors::MIO, selectors::POLL] {
        selectors::on(choice, connections_of_a_server_are_spliced_and_share_pipes)?;
        selectors::on(choice, without_descriptors_a_buffer_takes_the_place_of_a_pipe)?;
    }
    Ok(())
}

fn connections_of_a_server_are_spliced_and_share_pipes() -> io::Result<()> {
    run(async {
        let behind = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = behind.local_addr()?;
        let (outcomes, mut ended) = futures::channel::mpsc::unbounded();
        let proxy = runtime::net::Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async move |mut client, _| {
                let mut server = TcpStream::connect(address).await.expect("it listens");
                let outcome = copy_bidirectional(&mut client, &mut server).await;
                outcomes.unbounded_send(outcome.map_err(io::Error::from)).expect("the test runs");
            })
            .await?;
        let pipes = || {
            let numbers = std::fs::read_dir("/proc/self/fd").expect("a list of descriptors");
            let links = numbers.filter_map(|number| std::fs::read_link(number.ok()?.path()).ok());
            links.filter(|link| link.to_string_lossy().starts_with("pipe:")).count()
        };
        let mut peak = 0;
        let before = pipes();
        for _ in 0..5 {
            let mut client = TcpStream::connect(proxy.local_addrs()[0]).await?;
            let (mut server, _) = behind.accept().await?;
            for _ in 0..3 {
                let mut bytes = [0; 5];
                client.write_all(b"hello").await?;
                server.read_exact(&mut bytes).await?;
                server.write_all(&bytes).await?;
                client.read_exact(&mut bytes).await?;
                assert_eq!(&bytes, b"hello");
                peak = peak.max(pipes() - before);
            }
            drop((client, server));
            let outcome = futures::StreamExt::next(&mut ended).await.expect("one for each");
            assert_eq!(outcome?, (15, 15));
        }
        // Two ends for each of two directions at most, and not none.
        assert!((2..=4).contains(&peak), "{peak} ends of pipes");
        Ok(())
    })
}

fn without_descriptors_a_buffer_takes_the_place_of_a_pipe() -> io::Result<()> {
    run(async {
        let (mut a, mut far_a) = common::half_pair().await?;
        let (mut b, mut far_b) = common::half_pair().await?;
        let before = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(3), maximum: before.maximum })?;
        let copy = runtime::spawn(async move { copy_bidirectional(&mut a, &mut b).await });
        let peers = runtime::spawn_blocking(move || {
            let (sent, mut received) = (vec![7; 100_000], vec![0; 100_000]);
            far_a.write_all(&sent)?;
            far_b.read_exact(&mut received)?;
            io::Result::Ok(sent == received)
        });
        let outcome = (peers.await, copy.await);
        setrlimit(Resource::Nofile, before)?;
        assert!(outcome.0.expect("no panic")?);
        assert_eq!(outcome.1.expect("no panic")?, (100_000, 0));
        Ok(())
    })
}
