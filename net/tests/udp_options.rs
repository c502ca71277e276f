//! Options of a UDP socket arrive at the socket.

use std::io;
use std::net::Ipv4Addr;

use runtime::net::UdpSocket;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    options_read_back,
    a_builder_sets_what_it_is_told,
    #[cfg(unix)]
    sockets_share_a_port_when_both_say_so,
    #[cfg(target_os = "linux")]
    options_of_linux_read_back,
);

fn options_read_back() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.set_broadcast(true)?;
        assert!(socket.broadcast()?);
        socket.set_ttl(42)?;
        assert_eq!(socket.ttl()?, 42);
        socket.set_tos_v4(16)?;
        assert_eq!(socket.tos_v4()?, 16);
        socket.set_send_buffer_size(32 * 1024)?;
        assert!(socket.send_buffer_size()? >= 32 * 1024);
        socket.set_recv_buffer_size(32 * 1024)?;
        assert!(socket.recv_buffer_size()? >= 32 * 1024);
        socket.set_multicast_loop_v4(false)?;
        assert!(!socket.multicast_loop_v4()?);
        socket.set_multicast_ttl_v4(7)?;
        assert_eq!(socket.multicast_ttl_v4()?, 7);
        assert_eq!(socket.multicast_if_v4()?, Ipv4Addr::UNSPECIFIED);
        socket.set_multicast_if_v4(Ipv4Addr::LOCALHOST)?;
        assert_eq!(socket.multicast_if_v4()?, Ipv4Addr::LOCALHOST);
        assert!(socket.take_error()?.is_none());

        let Ok(six) = UdpSocket::bind("[::1]:0").await else {
            println!("the rest skipped: no IPv6 here");
            return Ok(());
        };
        six.set_multicast_loop_v6(false)?;
        assert!(!six.multicast_loop_v6()?);
        six.set_multicast_hops_v6(7)?;
        assert_eq!(six.multicast_hops_v6()?, 7);
        assert_eq!(six.multicast_if_v6()?, 0);
        six.set_multicast_if_v6(0)?;
        Ok(())
    })
}

fn a_builder_sets_what_it_is_told() -> io::Result<()> {
    run(async {
        let builder = UdpSocket::builder()
            .broadcast(true)
            .ttl(33)
            .send_buffer_size(64 * 1024)
            .recv_buffer_size(64 * 1024)
            .v6only(true);
        assert!(format!("{builder:?}").contains("options: 5"));
        let socket = builder.bind("127.0.0.1:0").await?;
        assert!(socket.broadcast()?);
        assert_eq!(socket.ttl()?, 33);
        assert!(socket.send_buffer_size()? >= 64 * 1024);
        assert!(socket.recv_buffer_size()? >= 64 * 1024);
        let plain = UdpSocket::bind("127.0.0.1:0").await?;
        assert!(!plain.broadcast()?);
        let refused = UdpSocket::builder().ttl(1000).bind("127.0.0.1:0").await;
        assert!(refused.expect_err("no such time to live").to_string().contains("127.0.0.1:0"));
        Ok(())
    })
}

#[cfg(unix)]
fn sockets_share_a_port_when_both_say_so() -> io::Result<()> {
    run(async {
        let one = UdpSocket::builder().reuse_port(true).bind("127.0.0.1:0").await?;
        let address = one.local_addr()?;
        let error = UdpSocket::bind(address).await.expect_err("it does not say so");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        let other = UdpSocket::builder().reuse_port(true).bind(address).await?;
        assert_eq!(other.local_addr()?, address);
        let one = UdpSocket::builder().reuse_address(true).bind("127.0.0.1:0").await?;
        UdpSocket::builder().reuse_address(true).bind(one.local_addr()?).await?;
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn options_of_linux_read_back() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::builder().bind_device("lo").bind("127.0.0.1:0").await?;
        assert_eq!(socket.device()?.as_deref(), Some(&b"lo"[..]));
        socket.bind_device(None)?;
        assert_eq!(socket.device()?, None);
        socket.set_multicast_all_v4(false)?;
        assert!(!socket.multicast_all_v4()?);
        if let Ok(six) = UdpSocket::bind("[::1]:0").await {
            six.set_tclass_v6(8)?;
            assert_eq!(six.tclass_v6()?, 8);
        }
        Ok(())
    })
}
