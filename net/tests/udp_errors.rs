//! What goes wrong with datagrams is said.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use futures::executor;
use runtime::net::{AttemptsError, UdpSocket};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_refusal_ends_a_waiting_receive,
    a_refusal_is_the_error_of_the_next_send,
    a_socket_that_is_not_connected_hears_of_no_refusal,
    a_refused_socket_can_be_used_on,
    a_datagram_that_is_too_long_is_not_sent,
    a_socket_without_a_peer_has_no_destination,
    an_address_of_the_wrong_family_is_an_error,
    an_address_in_use_is_named,
    a_local_address_of_the_wrong_family_is_named,
    a_socket_of_a_closed_loop_says_so,
    broadcast_has_to_be_allowed,
);

/// An address that nobody listens at.
async fn deserted() -> io::Result<SocketAddr> {
    UdpSocket::bind("127.0.0.1:0").await?.local_addr()
}

fn a_refusal_ends_a_waiting_receive() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::builder().remote(deserted().await?).open().await?;
        let mut buf = [0; 4];
        let mut recv = Box::pin(socket.recv(&mut buf));
        assert!(common::stays_pending(&mut recv).await?);
        socket.send(b"anybody?").await?;
        assert_eq!(recv.await.expect_err("nobody").kind(), ErrorKind::ConnectionRefused);
        assert!(socket.take_error()?.is_none(), "said once");
        Ok(())
    })
}

fn a_refusal_is_the_error_of_the_next_send() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::builder().remote(deserted().await?).open().await?;
        socket.send(b"anybody?").await?;
        let error = socket.send(b"hello?").await.expect_err("nobody");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        socket.send(b"this one goes").await?;
        let error = socket.take_error()?.expect("pending");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        Ok(())
    })
}

fn a_socket_that_is_not_connected_hears_of_no_refusal() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let address = deserted().await?;
        for _ in 0..3 {
            socket.send_to(b"anybody?", address).await?;
        }
        socket.send_to(b"me", socket.local_addr()?).await?;
        assert_eq!(socket.recv(&mut [0; 4]).await?, 2);
        Ok(())
    })
}

fn a_refused_socket_can_be_used_on() -> io::Result<()> {
    run(async {
        let address = deserted().await?;
        let socket = UdpSocket::builder().remote(address).open().await?;
        for _ in 0..3 {
            socket.send(b"anybody?").await?;
            let error = socket.recv(&mut [0; 4]).await.expect_err("nobody");
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        }
        let server = UdpSocket::bind(address).await?;
        socket.send(b"now?").await?;
        let (_, peer) = server.recv_from(&mut [0; 4]).await?;
        server.send_to(b"yes", peer).await?;
        assert_eq!(socket.recv(&mut [0; 4]).await?, 3);
        Ok(())
    })
}

fn a_datagram_that_is_too_long_is_not_sent() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        // 65,507 bytes is the most that fits a packet of IPv4.
        one.send(&vec![0; 70_000]).await.expect_err("too long");
        assert_eq!(one.send(&vec![0; 65_507]).await?, 65_507);
        assert_eq!(other.recv(&mut vec![0; 70_000]).await?, 65_507);
        Ok(())
    })
}

fn a_socket_without_a_peer_has_no_destination() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.send(b"to whom?").await.expect_err("no peer");
        socket.try_send(b"to whom?").expect_err("no peer");
        Ok(())
    })
}

fn an_address_of_the_wrong_family_is_an_error() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let six: SocketAddr = "[::1]:9".parse().expect("an address");
        let error = socket.send_to(b"", six).await.expect_err("a socket of IPv4");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("IPv4 alone cannot send to [::1]:9"), "{error}");
        let error = socket.connect(six).await.expect_err("a socket of IPv4");
        assert!(error.to_string().contains("[::1]:9"), "{error}");
        // It is passed over when there is another.
        let me = socket.local_addr()?;
        socket.send_to(b"me", &[six, me][..]).await?;
        assert_eq!(socket.recv_from(&mut [0; 4]).await?, (2, me));
        let error = socket.send_to(b"", &[six, six][..]).await.expect_err("no other");
        let list = error.get_ref().and_then(|error| error.downcast_ref::<AttemptsError>());
        assert_eq!(list.expect("a list").attempts().count(), 2);
        Ok(())
    })
}

fn an_address_in_use_is_named() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let error = UdpSocket::bind(address).await.expect_err("in use");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        Ok(())
    })
}

fn a_local_address_of_the_wrong_family_is_named() -> io::Result<()> {
    run(async {
        let builder = UdpSocket::builder().remote("[::1]:9");
        let error = builder.bind("127.0.0.1:0").await.expect_err("families differ");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("[::1]:9"), "{error}");
        let nothing: &[SocketAddr] = &[];
        let error = UdpSocket::bind(nothing).await.expect_err("no address");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        Ok(())
    })
}

fn a_socket_of_a_closed_loop_says_so() -> io::Result<()> {
    let socket = run(UdpSocket::bind("127.0.0.1:0"))?;
    let error = executor::block_on(socket.recv(&mut [0; 4])).expect_err("closed");
    assert!(error.to_string().contains("closed"), "{error}");
    let error = executor::block_on(socket.send_to(b"", socket.local_addr()?)).expect_err("closed");
    assert!(error.to_string().contains("closed"), "{error}");
    let error = executor::block_on(UdpSocket::bind("127.0.0.1:0")).expect_err("no loop");
    assert!(error.to_string().contains("there is no reactor running"), "{error}");
    Ok(())
}

fn broadcast_has_to_be_allowed() -> io::Result<()> {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let everybody: SocketAddr = "255.255.255.255:9".parse().expect("an address");
        let error = socket.send_to(b"", everybody).await.expect_err("not allowed");
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        Ok(())
    })
}
