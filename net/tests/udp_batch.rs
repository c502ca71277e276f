//! Many datagrams by one call.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};

use runtime::net::UdpSocket;
use runtime::net::udp::{RecvBatch, SendBatch};
use runtime::reactor::Interest;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_batch_arrives_whole_and_in_order,
    runs_of_one_length_arrive_as_they_were_sent,
    an_echo_of_batches_serves_many_clients,
    empty_datagrams_are_part_of_a_batch,
    a_cut_is_told_of_the_datagram_that_was_cut,
    a_batch_waits_for_its_first_datagram_alone,
    an_error_takes_out_one_datagram_and_leaves_the_rest,
    a_refusal_ends_a_waiting_batch,
    a_refusal_takes_out_no_datagram_that_has_not_been_tried,
    a_bad_destination_costs_its_own_datagrams_alone,
    a_dropped_call_loses_nothing,
    poll_functions_move_batches,
    runs_that_do_not_fit_packets_go_one_by_one,
    datagrams_that_are_too_long_are_errors_each,
    #[cfg(target_os = "linux")]
    what_the_kernel_puts_together_is_taken_apart,
);

/// Receives until so many datagrams have come, and tells what they say.
async fn gather(
    socket: &UdpSocket,
    batch: &mut RecvBatch,
    count: usize,
) -> io::Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    while all.len() < count {
        let received = socket.recv_batch(batch).await?;
        assert_eq!(received, batch.len());
        assert!(received > 0 && !batch.is_empty());
        all.extend(batch.iter().map(|datagram| datagram.data.to_vec()));
    }
    assert_eq!(socket.try_recv_batch(batch).expect_err("no more").kind(), ErrorKind::WouldBlock);
    assert!(batch.is_empty());
    Ok(all)
}

/// A message that tells its number, of a length that its number decides.
fn message(number: usize, length: usize) -> Vec<u8> {
    let mut message = vec![number as u8; length];
    message[0] = (number / 256) as u8;
    message
}

fn a_batch_arrives_whole_and_in_order() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let messages: Vec<_> = (0..100).map(|n| message(n, 2 + n % 7)).collect();
        let mut batch = SendBatch::with_capacity(100, 900);
        for (number, message) in messages.iter().enumerate() {
            match number % 3 {
                0 => batch.push_to(message, other.local_addr()?),
                _ => batch.push(message),
            }
        }
        assert_eq!(batch.len(), 100);
        assert_eq!(one.send_batch(&mut batch).await?, 100);
        assert!(batch.is_empty());
        for room in [1, 7, 32, 50, 200] {
            let mut received = RecvBatch::new(room, 16);
            assert_eq!(gather(&other, &mut received, 100).await?, messages);
            for message in &messages {
                batch.push(message);
            }
            one.send_batch(&mut batch).await?;
        }
        Ok(())
    })
}

fn runs_of_one_length_arrive_as_they_were_sent() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        for lengths in [vec![8; 150], vec![8, 8, 8, 3, 8, 8], vec![900; 70], vec![5, 9, 9, 5, 5, 1]]
        {
            let list = lengths.iter().enumerate();
            let messages: Vec<_> = list.map(|(n, length)| message(n, *length)).collect();
            let mut batch = SendBatch::new();
            messages.iter().for_each(|message| batch.push(message));
            assert_eq!(one.send_batch(&mut batch).await?, messages.len());
            let mut received = RecvBatch::new(32, 1000);
            assert_eq!(gather(&other, &mut received, messages.len()).await?, messages);
        }
        Ok(())
    })
}

fn an_echo_of_batches_serves_many_clients() -> io::Result<()> {
    run(async {
        let server = UdpSocket::bind("127.0.0.1:0").await?;
        let address = server.local_addr()?;
        let _server = runtime::task::AbortOnDropHandle::from(runtime::spawn(async move {
            let (mut received, mut answers) = (RecvBatch::new(32, 64), SendBatch::new());
            loop {
                server.recv_batch(&mut received).await.expect("it is open");
                answers.extend(&received);
                server.send_batch(&mut answers).await.expect("the peers are there");
            }
        }));
        let clients = futures::future::join_all((0..50_u8).map(|number| async move {
            let client = UdpSocket::bind("127.0.0.1:0").await?;
            for round in 0..10 {
                let mut buf = [0; 64];
                client.send_to(&[number, round], address).await?;
                assert_eq!(client.recv_from(&mut buf).await?, (2, address));
                assert_eq!(buf[..2], [number, round]);
            }
            Ok::<_, io::Error>(())
        }));
        clients.await.into_iter().collect()
    })
}

fn empty_datagrams_are_part_of_a_batch() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut batch = SendBatch::new();
        for message in [&b""[..], b"", b"x", b"", b"y"] {
            batch.push(message);
        }
        assert_eq!(one.send_batch(&mut batch).await?, 5);
        assert_eq!(one.send_batch(&mut batch).await?, 0);
        let all = gather(&other, &mut RecvBatch::new(8, 8), 5).await?;
        assert_eq!(all, [&b""[..], b"", b"x", b"", b"y"]);
        // There may be no room for anything else.
        one.send(b"").await?;
        assert_eq!(gather(&other, &mut RecvBatch::new(0, 0), 1).await?, [b""]);
        Ok(())
    })
}

fn a_cut_is_told_of_the_datagram_that_was_cut() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        for message in ["abcd", "abcde", "abcdefgh", "a"] {
            one.send(message.as_bytes()).await?;
        }
        let mut batch = RecvBatch::new(8, 4);
        assert_eq!(other.recv_batch(&mut batch).await?, 4);
        let list: Vec<_> = batch.iter().map(|one| (one.data, one.truncated)).collect();
        let full = &b"abcd"[..];
        assert_eq!(list, [(full, false), (full, true), (full, true), (&b"a"[..], false)]);
        assert!(batch.iter().all(|datagram| Ok(datagram.addr) == one.local_addr().map_err(drop)));
        Ok(())
    })
}

fn a_batch_waits_for_its_first_datagram_alone() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut batch = RecvBatch::new(8, 8);
        for _ in 0..3 {
            let mut recv = Box::pin(other.recv_batch(&mut batch));
            assert!(common::stays_pending(&mut recv).await?);
            one.send(b"one").await?;
            assert_eq!(recv.await?, 1);
        }
        Ok(())
    })
}

fn an_error_takes_out_one_datagram_and_leaves_the_rest() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let me = socket.local_addr()?;
        let six: SocketAddr = "[::1]:9".parse().expect("an address");
        let mut batch = SendBatch::new();
        batch.push_to(b"first", me);
        batch.push_to(b"lost", six);
        batch.push_to(b"third", me);
        socket.send_batch(&mut batch).await.expect_err("a socket of IPv4");
        assert_eq!(batch.len(), 1);
        assert_eq!(socket.send_batch(&mut batch).await?, 1);
        let all = gather(&socket, &mut RecvBatch::new(8, 8), 2).await?;
        assert_eq!(all, [b"first", b"third"]);
        batch.push_to(b"never", me);
        batch.clear();
        assert_eq!(socket.send_batch(&mut batch).await?, 0);
        batch.push(b"to whom?");
        socket.send_batch(&mut batch).await.expect_err("not connected");
        assert!(batch.is_empty());
        Ok(())
    })
}

fn a_refusal_ends_a_waiting_batch() -> io::Result<()> {
    run(async {
        let deserted = UdpSocket::bind("127.0.0.1:0").await?.local_addr()?;
        let socket = UdpSocket::builder().remote(deserted).open().await?;
        let mut received = RecvBatch::new(8, 8);
        let mut recv = Box::pin(socket.recv_batch(&mut received));
        assert!(common::stays_pending(&mut recv).await?);
        let mut batch = SendBatch::new();
        batch.push(b"anybody?");
        socket.send_batch(&mut batch).await?;
        assert_eq!(recv.await.expect_err("nobody").kind(), ErrorKind::ConnectionRefused);
        Ok(())
    })
}

fn a_refusal_takes_out_no_datagram_that_has_not_been_tried() -> io::Result<()> {
    run(async {
        let deserted = UdpSocket::bind("127.0.0.1:0").await?.local_addr()?;
        let socket = UdpSocket::builder().remote(deserted).open().await?;
        socket.send(b"anybody?").await?;
        socket.ready(Interest::ERROR).await?;
        // Now somebody is there.
        let receiver = UdpSocket::bind(deserted).await?;
        let mut batch = SendBatch::new();
        batch.push(b"one");
        batch.push(b"and another");
        let error = socket.send_batch(&mut batch).await.expect_err("nobody was there");
        assert_eq!((error.kind(), batch.len()), (ErrorKind::ConnectionRefused, 2));
        assert_eq!(socket.send_batch(&mut batch).await?, 2);
        let all = gather(&receiver, &mut RecvBatch::new(4, 16), 2).await?;
        assert_eq!(all, [&b"one"[..], b"and another"]);

        socket.connect(UdpSocket::bind("127.0.0.1:0").await?.local_addr()?).await?;
        socket.send(b"anybody?").await?;
        socket.ready(Interest::ERROR).await?;
        batch.push(b"by poll");
        let polled = poll_fn(|cx| socket.poll_send_batch(cx, &mut batch)).await;
        let error = polled.expect_err("nobody is there");
        assert_eq!((error.kind(), batch.len()), (ErrorKind::ConnectionRefused, 1));
        Ok(())
    })
}

fn a_bad_destination_costs_its_own_datagrams_alone() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let other = UdpSocket::bind("127.0.0.1:0").await?;
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut batch = SendBatch::new();
        batch.push_to(b"lost", nowhere);
        batch.push_to(b"lost", nowhere);
        for number in 0..3 {
            batch.push_to(&message(number, 4), other.local_addr()?);
        }
        for left in [4, 3] {
            socket.send_batch(&mut batch).await.expect_err("there is no port 0");
            assert_eq!(batch.len(), left);
        }
        assert_eq!(socket.send_batch(&mut batch).await?, 3);
        let all = gather(&other, &mut RecvBatch::new(4, 16), 3).await?;
        assert_eq!(all, [message(0, 4), message(1, 4), message(2, 4)]);
        Ok(())
    })
}

fn a_dropped_call_loses_nothing() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut batch = RecvBatch::new(8, 8);
        for _ in 0..3 {
            let mut recv = Box::pin(other.recv_batch(&mut batch));
            assert!(common::stays_pending(&mut recv).await?);
            one.send(b"kept").await?;
            other.readable().await?;
            drop(recv);
            assert_eq!(gather(&other, &mut batch, 1).await?, [b"kept"]);
        }
        Ok(())
    })
}

fn poll_functions_move_batches() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let (mut received, mut batch) = (RecvBatch::new(8, 8), SendBatch::new());
        let mut recv = poll_fn(|cx| other.poll_recv_batch(cx, &mut received));
        assert!(common::stays_pending(&mut recv).await?);
        batch.push(b"a");
        batch.push(b"bc");
        poll_fn(|cx| one.poll_send_batch(cx, &mut batch)).await?;
        assert!(batch.is_empty());
        let first = recv.await?;
        let rest = gather(&other, &mut received, 2 - first).await?;
        assert_eq!(first + rest.len(), 2);
        Ok(())
    })
}

fn runs_that_do_not_fit_packets_go_one_by_one() -> io::Result<()> {
    // A group, so that packets go by a device that is not the loopback; with a time to live of 0 they do not
    // leave.
    let group = Ipv4Addr::new(233, 252, 0, 2);
    run(async {
        let builder = UdpSocket::builder().multicast_v4(group, Ipv4Addr::UNSPECIFIED);
        let Ok(member) = builder.bind("0.0.0.0:0").await else {
            println!("skipped: no device for groups here");
            return Ok(());
        };
        let speaker = UdpSocket::bind("0.0.0.0:0").await?;
        speaker.set_multicast_ttl_v4(0)?;
        let target = SocketAddr::from((group, member.local_addr()?.port()));
        let messages: Vec<_> = (0..3).map(|n| message(n, 3000)).collect();
        let mut batch = SendBatch::new();
        messages.iter().for_each(|message| batch.push_to(message, target));
        assert_eq!(speaker.send_batch(&mut batch).await?, 3);
        assert_eq!(gather(&member, &mut RecvBatch::new(4, 3000), 3).await?, messages);
        Ok(())
    })
}

fn datagrams_that_are_too_long_are_errors_each() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let messages: Vec<_> = (0..4).map(|n| message(n, 32_000)).collect();
        let mut batch = SendBatch::new();
        messages.iter().for_each(|message| batch.push(message));
        assert_eq!(one.send_batch(&mut batch).await?, 4);
        assert_eq!(gather(&other, &mut RecvBatch::new(4, 40_000), 4).await?, messages);
        batch.push(&vec![0; 70_000]);
        batch.push(&vec![0; 70_000]);
        batch.push(b"fits");
        one.send_batch(&mut batch).await.expect_err("too long");
        one.send_batch(&mut batch).await.expect_err("too long");
        assert_eq!(one.send_batch(&mut batch).await?, 1);
        assert_eq!(gather(&other, &mut RecvBatch::new(4, 40_000), 1).await?, [b"fits"]);
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn what_the_kernel_puts_together_is_taken_apart() -> io::Result<()> {
    run(async {
        for local in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(other) = UdpSocket::builder().recv_offload().bind(local).await else {
                println!("{local} skipped: no IPv6 here");
                continue;
            };
            let one = UdpSocket::builder().remote(other.local_addr()?).open().await?;
            let messages: Vec<_> =
                (0..60).map(|n| message(n, if n < 59 { 100 } else { 9 })).collect();
            let mut batch = SendBatch::new();
            messages.iter().for_each(|message| batch.push(message));
            assert_eq!(one.send_batch(&mut batch).await?, 60);
            let mut received = RecvBatch::new(1, 65_535);
            assert_eq!(gather(&other, &mut received, 60).await?, messages);
            messages.iter().for_each(|message| batch.push(message));
            one.send_batch(&mut batch).await?;
            match other.recv_batch(&mut received).await? {
                1 => println!("skipped: no UDP_GRO here"),
                several => assert_eq!(several, 60),
            }
        }
        Ok(())
    })
}
