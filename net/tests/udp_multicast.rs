//! Groups on the loopback.
#![cfg(target_os = "linux")]

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use runtime::net::UdpSocket;
use runtime::net::udp::Builder;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    every_member_gets_what_is_sent_to_a_group,
    who_has_left_hears_nothing,
    only_the_source_that_was_joined_is_heard,
    a_group_of_ipv6_works_too,
    bad_groups_are_errors,
);

/// Of those for documentation (RFC 6676).
const GROUP: Ipv4Addr = Ipv4Addr::new(233, 252, 0, 1);
/// Source-specific (RFC 4607).
const SPECIFIC: Ipv4Addr = Ipv4Addr::new(232, 43, 211, 234);
const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A socket that hears of its own groups alone.
async fn member(builder: Builder, port: u16) -> io::Result<UdpSocket> {
    let socket = builder.bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    socket.set_multicast_all_v4(false)?;
    Ok(socket)
}

/// A socket that sends to groups by the loopback.
async fn speaker(address: Ipv4Addr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((address, 0)).await?;
    socket.set_multicast_if_v4(HOST)?;
    Ok(socket)
}

fn every_member_gets_what_is_sent_to_a_group() -> io::Result<()> {
    run(async {
        let builder = UdpSocket::builder().reuse_address(true).multicast_v4(GROUP, HOST);
        let first = member(builder, 0).await?;
        let port = first.local_addr()?.port();
        let second = member(UdpSocket::builder().reuse_address(true), port).await?;
        second.join_multicast_v4(GROUP, HOST)?;
        let speaker = speaker(HOST).await?;
        speaker.send_to(b"to all", (GROUP, port)).await?;
        for member in [first, second] {
            let (len, from) = member.recv_from(&mut [0; 16]).await?;
            assert_eq!((len, from), (6, speaker.local_addr()?));
        }
        Ok(())
    })
}

fn who_has_left_hears_nothing() -> io::Result<()> {
    run(async {
        let socket = member(UdpSocket::builder(), 0).await?;
        let port = socket.local_addr()?.port();
        socket.join_multicast_v4(GROUP, HOST)?;
        socket.leave_multicast_v4(GROUP, HOST)?;
        let speaker = speaker(HOST).await?;
        speaker.send_to(b"to the group", (GROUP, port)).await?;
        speaker.send_to(b"to it", (HOST, port)).await?;
        assert_eq!(socket.recv(&mut [0; 16]).await?, 5);
        Ok(())
    })
}

fn only_the_source_that_was_joined_is_heard() -> io::Result<()> {
    run(async {
        let socket = member(UdpSocket::builder(), 0).await?;
        let port = socket.local_addr()?.port();
        let wanted = Ipv4Addr::new(127, 0, 0, 2);
        socket.join_ssm_v4(wanted, SPECIFIC, HOST)?;
        speaker(HOST).await?.send_to(b"from another", (SPECIFIC, port)).await?;
        let speaker = speaker(wanted).await?;
        speaker.send_to(b"wanted", (SPECIFIC, port)).await?;
        assert_eq!(socket.recv_from(&mut [0; 16]).await?, (6, speaker.local_addr()?));
        socket.leave_ssm_v4(wanted, SPECIFIC, HOST)?;
        speaker.send_to(b"not any more", (SPECIFIC, port)).await?;
        speaker.send_to(b"to it", (HOST, port)).await?;
        assert_eq!(socket.recv(&mut [0; 16]).await?, 5);
        Ok(())
    })
}

/// The numbers of the interfaces, of which only some know the way to groups of IPv6.
fn interfaces() -> io::Result<Vec<u32>> {
    let mut indices = Vec::new();
    for interface in std::fs::read_dir("/sys/class/net")? {
        // Not everything there is an interface.
        let text = std::fs::read_to_string(interface?.path().join("ifindex")).unwrap_or_default();
        indices.extend(text.trim().parse::<u32>());
    }
    Ok(indices)
}

fn a_group_of_ipv6_works_too() -> io::Result<()> {
    // Of the scope of an interface (RFC 4291), and temporary.
    let group = Ipv6Addr::new(0xff11, 0, 0, 0, 0, 0, 0, 0x1234);
    run(async {
        for index in interfaces()? {
            let builder = UdpSocket::builder().multicast_v6(group, index);
            let Ok(socket) = builder.bind("[::]:0").await else { continue };
            let port = socket.local_addr()?.port();
            let speaker = UdpSocket::bind("[::]:0").await?;
            speaker.set_multicast_if_v6(index)?;
            assert_eq!(speaker.multicast_if_v6()?, index);
            if speaker.send_to(b"six", (group, port)).await.is_ok() {
                let (len, from) = socket.recv_from(&mut [0; 16]).await?;
                assert_eq!((len, from.port()), (3, speaker.local_addr()?.port()));
                socket.join_multicast_v6(group, index).expect_err("joined already");
                socket.leave_multicast_v6(group, index)?;
                socket.leave_multicast_v6(group, index).expect_err("left already");
                return socket.join_multicast_v6(group, index);
            }
        }
        println!("skipped: no interface knows the way to groups of IPv6");
        Ok(())
    })
}

fn bad_groups_are_errors() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("0.0.0.0:0").await?;
        socket.join_multicast_v4(Ipv4Addr::new(10, 0, 0, 1), HOST).expect_err("not a group");
        socket.leave_multicast_v4(GROUP, HOST).expect_err("not joined");
        socket.join_multicast_v4(GROUP, HOST)?;
        socket.join_multicast_v4(GROUP, HOST).expect_err("joined already");
        let address: SocketAddr = "0.0.0.0:0".parse().expect("an address");
        let builder = UdpSocket::builder().multicast(HOST.into());
        let error = builder.bind(address).await.expect_err("not a group");
        assert!(error.to_string().contains("0.0.0.0:0"), "{error}");
        Ok(())
    })
}
