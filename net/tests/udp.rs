//! Datagrams go to and fro, one at a time.

use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::sync::Arc;

use futures::future::{join_all, poll_immediate};
use runtime::net::UdpSocket;
use runtime::reactor::Interest;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    an_echo_comes_back_to_each_of_many_clients,
    an_empty_datagram_passes_both_ways,
    a_connected_socket_hears_its_peer_alone,
    a_builder_connects,
    a_name_is_looked_up,
    ipv6_works_as_well,
    peeking_leaves_the_datagram_there,
    what_does_not_wait_says_so,
    poll_functions_wake_the_task,
    one_datagram_wakes_one_of_many_tasks,
    a_dropped_receive_loses_nothing,
    several_buffers_make_one_datagram,
    what_arrives_too_fast_is_dropped_and_nobody_waits,
);

fn an_echo_comes_back_to_each_of_many_clients() -> io::Result<()> {
    run(async {
        let server = UdpSocket::bind("127.0.0.1:0").await?;
        let address = server.local_addr()?;
        let _server = runtime::task::AbortOnDropHandle::from(runtime::spawn(async move {
            let mut buf = [0; 64];
            loop {
                let (len, peer) = server.recv_from(&mut buf).await.expect("it is open");
                server.send_to(&buf[..len], peer).await.expect("the peer is there");
            }
        }));
        let clients = join_all((0..20_u8).map(|number| async move {
            let client = UdpSocket::bind("127.0.0.1:0").await?;
            for round in 0..10 {
                let mut buf = [0; 64];
                assert_eq!(client.send_to(&[number, round], address).await?, 2);
                assert_eq!(client.recv_from(&mut buf).await?, (2, address));
                assert_eq!(buf[..2], [number, round]);
            }
            Ok::<_, io::Error>(())
        }));
        clients.await.into_iter().collect()
    })
}

fn an_empty_datagram_passes_both_ways() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut buf = [7; 4];
        assert_eq!(one.send(b"").await?, 0);
        assert_eq!(other.recv(&mut buf).await?, 0);
        assert_eq!(other.send_to_vectored(&[], one.local_addr()?).await?, 0);
        let received = one.recv_msg(&mut buf).await?;
        assert_eq!((received.len, received.truncated), (0, false));
        assert_eq!(received.addr, other.local_addr()?);
        assert_eq!(buf, [7; 4]);
        // It was one, and not the end.
        one.send(b"more").await?;
        assert_eq!(other.recv(&mut buf).await?, 4);
        Ok(())
    })
}

fn a_connected_socket_hears_its_peer_alone() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        assert_eq!(one.peer_addr()?, other.local_addr()?);
        let stranger = UdpSocket::bind("127.0.0.1:0").await?;
        let kind = stranger.peer_addr().expect_err("not connected").kind();
        assert_eq!(kind, io::ErrorKind::NotConnected);
        stranger.send_to(b"stranger", one.local_addr()?).await?;
        other.send(b"peer").await?;
        let mut buf = [0; 16];
        assert_eq!(one.recv_from(&mut buf).await?, (4, other.local_addr()?));
        // Connected to another, it hears that one.
        one.connect(stranger.local_addr()?).await?;
        stranger.send_to(b"friend", one.local_addr()?).await?;
        assert_eq!(one.recv_from(&mut buf).await?, (6, stranger.local_addr()?));
        Ok(())
    })
}

fn a_builder_connects() -> io::Result<()> {
    run(async {
        let server = UdpSocket::bind("127.0.0.1:0").await?;
        let client = UdpSocket::builder().remote(server.local_addr()?).open().await?;
        assert_eq!(client.peer_addr()?, server.local_addr()?);
        client.send(b"hello").await?;
        let (len, peer) = server.recv_from(&mut [0; 16]).await?;
        assert_eq!((len, peer.port()), (5, client.local_addr()?.port()));
        let unspecified = UdpSocket::builder().open().await?;
        assert_ne!(unspecified.local_addr()?.port(), 0);
        Ok(())
    })
}

fn a_name_is_looked_up() -> io::Result<()> {
    run(async {
        let server = UdpSocket::bind("127.0.0.1:0").await?;
        let port = server.local_addr()?.port();
        let client = UdpSocket::bind("127.0.0.1:0").await?;
        // Whatever addresses of IPv6 the name has, an IPv4 socket passes over them.
        client.send_to(b"by name", ("localhost", port)).await?;
        assert_eq!(server.recv(&mut [0; 16]).await?, 7);
        client.connect(("localhost", port)).await?;
        client.send(b"connected").await?;
        assert_eq!(server.recv(&mut [0; 16]).await?, 9);
        Ok(())
    })
}

fn ipv6_works_as_well() -> io::Result<()> {
    run(async {
        let Ok(server) = UdpSocket::bind("[::1]:0").await else {
            println!("skipped: no IPv6 here");
            return Ok(());
        };
        let client = UdpSocket::builder().remote(server.local_addr()?).open().await?;
        client.send(b"six").await?;
        let (len, peer) = server.recv_from(&mut [0; 16]).await?;
        assert_eq!((len, peer), (3, client.local_addr()?));
        server.set_hops_v6(9)?;
        assert_eq!(server.hops_v6()?, 9);
        let both = UdpSocket::builder().v6only(false).bind("[::]:0").await?;
        assert!(!both.v6only()?);
        let old = UdpSocket::bind("127.0.0.1:0").await?;
        old.send_to(b"four", ("127.0.0.1", both.local_addr()?.port())).await?;
        let (len, peer) = both.recv_from(&mut [0; 16]).await?;
        assert_eq!((len, peer.ip().to_canonical()), (4, old.local_addr()?.ip()));
        assert!(UdpSocket::builder().v6only(true).bind("[::]:0").await?.v6only()?);
        Ok(())
    })
}

fn peeking_leaves_the_datagram_there() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let from = one.local_addr()?;
        let mut buf = [0; 16];
        assert_eq!(other.try_peek(&mut buf).would_block(), None);
        assert_eq!(other.try_peek_from(&mut buf).would_block(), None);
        assert_eq!(other.try_peek_sender().would_block(), None);
        one.send(b"look").await?;
        assert_eq!(other.peek(&mut buf).await?, 4);
        assert_eq!(other.peek_from(&mut buf).await?, (4, from));
        assert_eq!(other.peek_sender().await?, from);
        assert_eq!(other.try_peek_sender().would_block(), Some(from));
        assert_eq!(poll_fn(|cx| other.poll_peek_sender(cx)).await?, from);
        assert_eq!(other.try_peek(&mut buf).would_block(), Some(4));
        assert_eq!(other.try_peek_from(&mut buf).would_block(), Some((4, from)));
        assert_eq!(poll_fn(|cx| other.poll_peek(cx, &mut buf)).await?, 4);
        assert_eq!(poll_fn(|cx| other.poll_peek_from(cx, &mut buf)).await?, (4, from));
        assert_eq!(other.recv(&mut buf).await?, 4);
        assert_eq!(other.try_recv(&mut buf).would_block(), None);
        Ok(())
    })
}

fn what_does_not_wait_says_so() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let from = one.local_addr()?;
        let mut buf = [0; 16];
        assert_eq!(other.try_recv(&mut buf).would_block(), None);
        assert_eq!(other.try_recv_from(&mut buf).would_block(), None);
        assert_eq!(other.try_recv_msg(&mut buf).would_block(), None);
        assert_eq!(other.try_recv_vectored(&mut [IoSliceMut::new(&mut buf)]).would_block(), None);
        one.writable().await?;
        assert_eq!(one.try_send(b"a")?, 1);
        assert_eq!(one.try_send_to(b"bc", other.local_addr()?)?, 2);
        assert_eq!(one.try_send_vectored(&[IoSlice::new(b"def")])?, 3);
        let bufs = [IoSlice::new(b"gh"), IoSlice::new(b"ij")];
        assert_eq!(one.try_send_to_vectored(&bufs, other.local_addr()?)?, 4);
        let ready = other.ready(Interest::READABLE).await?;
        assert!(ready.is_readable());
        assert_eq!(other.try_recv(&mut buf)?, 1);
        assert_eq!(other.try_recv_from(&mut buf)?, (2, from));
        assert_eq!(other.try_recv_msg(&mut buf)?.len, 3);
        assert_eq!(other.try_recv_vectored(&mut [IoSliceMut::new(&mut buf)])?.len, 4);
        let mut readable = Box::pin(other.readable());
        assert!(poll_immediate(&mut readable).await.is_some(), "until a receive has failed");
        drop(readable);
        assert_eq!(other.try_recv(&mut buf).would_block(), None);
        assert!(common::stays_pending(&mut Box::pin(other.readable())).await?);
        Ok(())
    })
}

fn poll_functions_wake_the_task() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut buf = [0; 16];
        let mut recv = poll_fn(|cx| other.poll_recv(cx, &mut buf));
        assert!(common::stays_pending(&mut recv).await?);
        assert_eq!(poll_fn(|cx| one.poll_send(cx, b"a")).await?, 1);
        assert_eq!(recv.await?, 1);
        let mut recv = poll_fn(|cx| other.poll_recv_from(cx, &mut buf));
        assert!(common::stays_pending(&mut recv).await?);
        let address = other.local_addr()?;
        assert_eq!(poll_fn(|cx| one.poll_send_to(cx, b"bc", address)).await?, 2);
        assert_eq!(recv.await?, (2, one.local_addr()?));
        let mut ready = poll_fn(|cx| other.poll_recv_ready(cx));
        let mut recv = poll_fn(|cx| other.poll_recv_msg(cx, &mut buf));
        assert!(common::stays_pending(&mut recv).await?);
        poll_fn(|cx| one.poll_send_ready(cx)).await?;
        one.try_send(b"def")?;
        (&mut ready).await?;
        assert_eq!(recv.await?.len, 3);
        Ok(())
    })
}

fn one_datagram_wakes_one_of_many_tasks() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let other = Arc::new(other);
        let tasks = (0..8).map(|_| {
            let socket = other.clone();
            runtime::spawn(async move { socket.recv(&mut [0; 4]).await })
        });
        let tasks: Vec<_> = tasks.collect();
        common::round_trips(3).await?;
        for _ in 0..8 {
            one.send(b"x").await?;
        }
        for task in tasks {
            assert_eq!(task.await.expect("it does not panic")?, 1);
        }
        assert_eq!(other.try_recv(&mut [0; 4]).would_block(), None);
        Ok(())
    })
}

fn a_dropped_receive_loses_nothing() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut buf = [0; 8];
        for _ in 0..3 {
            let mut recv = Box::pin(other.recv(&mut buf));
            assert!(common::stays_pending(&mut recv).await?);
            one.send(b"kept").await?;
            other.readable().await?;
            drop(recv);
            assert_eq!(other.recv(&mut buf).await?, 4);
        }
        Ok(())
    })
}

fn several_buffers_make_one_datagram() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let parts = [IoSlice::new(b"he"), IoSlice::new(b""), IoSlice::new(b"llo")];
        assert_eq!(one.send_vectored(&parts).await?, 5);
        let (mut head, mut tail) = ([0; 3], [0; 8]);
        let mut bufs = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
        let received = other.recv_vectored(&mut bufs).await?;
        assert_eq!((received.len, received.truncated), (5, false));
        assert_eq!((&head, &tail[..2]), (b"hel", &b"lo"[..]));
        Ok(())
    })
}

fn what_arrives_too_fast_is_dropped_and_nobody_waits() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        other.set_recv_buffer_size(4096)?;
        for _ in 0..200 {
            assert_eq!(one.send(&[0; 1024]).await?, 1024);
        }
        let mut arrived = 0;
        while other.try_recv(&mut [0; 2048]).would_block().is_some() {
            arrived += 1;
        }
        assert!((1..200).contains(&arrived), "{arrived} have arrived");
        Ok(())
    })
}

trait WouldBlock<T> {
    /// What an operation returned, or nothing if it would have blocked.
    fn would_block(self) -> Option<T>;
}

impl<T> WouldBlock<T> for io::Result<T> {
    fn would_block(self) -> Option<T> {
        match self {
            Ok(value) => Some(value),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) => panic!("failed: {error}"),
        }
    }
}
