//! Where a server listens.

#![cfg(unix)]

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::server::Connection;
use runtime::net::{AttemptsError, Server, TcpSocket, TcpStream};
use socket2::{Domain, SockRef, Socket, Type};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    no_host_means_both_families_on_one_port,
    a_port_that_one_family_has_taken_is_given_back_for_another,
    a_port_that_is_never_free_in_both_families_is_an_error,
    ipv6_sockets_leave_ipv4_alone,
    several_hosts_are_served,
    a_name_with_two_addresses_has_one_port,
    an_address_in_use_is_named,
    an_address_in_use_frees_the_others,
    an_address_that_the_machine_has_not_got_is_named,
    a_name_that_nobody_knows_is_an_error,
    the_address_is_free_again_although_connections_linger,
    without_reuse_address_lingering_connections_keep_the_address,
    a_bound_address_is_taken_before_the_server_is_started,
    a_start_that_finds_the_address_in_use_names_it_and_closes,
    sockets_can_be_configured,
    a_server_outside_of_a_loop_is_an_error,
);

async fn echo(stream: Connection<TcpStream>, _: SocketAddr) {
    let _ = futures::io::copy(&stream, &mut &stream).await;
}

async fn ask(address: SocketAddr) -> io::Result<()> {
    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"hello").await?;
    client.read_exact(&mut [0; 5]).await
}

/// Whether the machine has IPv6; says so if not.
fn has_ipv6() -> bool {
    let there = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if !there {
        println!("skipped: this machine has no IPv6");
    }
    there
}

fn no_host_means_both_families_on_one_port() -> io::Result<()> {
    run(async {
        let ipv6 = has_ipv6();
        for host in [None, Some("")] {
            let server = Server::builder().bind(host, 0).serve(echo).await?;
            let port = server.local_addrs()[0].port();
            assert_ne!(port, 0);
            let mut expected = vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))];
            if ipv6 {
                expected.push((Ipv6Addr::UNSPECIFIED, port).into());
                ask((Ipv6Addr::LOCALHOST, port).into()).await?;
            }
            assert_eq!(server.local_addrs(), expected);
            ask((Ipv4Addr::LOCALHOST, port).into()).await?;
        }
        Ok(())
    })
}

/// Takes the port that the IPv4 socket of a pair got away from the IPv6 one, a few times.
#[derive(Default)]
struct Thief {
    first: RefCell<Option<OwnedFd>>,
    booty: RefCell<Vec<Socket>>,
    pairs: Cell<usize>,
}

impl Thief {
    fn configure(&self, socket: &TcpSocket, times: usize) -> io::Result<()> {
        if socket.local_addr()?.is_ipv4() {
            *self.first.borrow_mut() = Some(socket.as_fd().try_clone_to_owned()?);
            return Ok(());
        }
        let first = self.first.take().expect("IPv4 comes first");
        self.pairs.set(self.pairs.get() + 1);
        if self.booty.borrow().len() < times {
            let port = SockRef::from(&first).local_addr()?.as_socket().expect("it is TCP").port();
            let taken = Socket::new(Domain::IPV6, Type::STREAM, None)?;
            taken.set_only_v6(true)?;
            // If another program has been faster, the port is taken, too.
            taken.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
            self.booty.borrow_mut().push(taken);
        }
        Ok(())
    }
}

fn a_port_that_one_family_has_taken_is_given_back_for_another() -> io::Result<()> {
    if !has_ipv6() {
        return Ok(());
    }
    run(async {
        let thief = Rc::new(Thief::default());
        let at_work = thief.clone();
        let server = Server::builder()
            .bind(None, 0)
            .configure(move |socket| at_work.configure(socket, 3))
            .serve(echo)
            .await?;
        assert_eq!(thief.booty.borrow().len(), 3);
        let [first, second] = *server.local_addrs() else { panic!("two sockets") };
        assert_eq!(first.port(), second.port());
        ask((Ipv4Addr::LOCALHOST, first.port()).into()).await?;
        ask((Ipv6Addr::LOCALHOST, first.port()).into()).await
    })
}

fn a_port_that_is_never_free_in_both_families_is_an_error() -> io::Result<()> {
    if !has_ipv6() {
        return Ok(());
    }
    run(async {
        let thief = Rc::new(Thief::default());
        let at_work = thief.clone();
        let builder = Server::builder().bind(None, 0);
        let builder = builder.configure(move |socket| at_work.configure(socket, usize::MAX));
        let error = builder.serve(echo).await.expect_err("each one is stolen");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains("[::]:"), "{error}");
        assert_eq!(thief.pairs.get(), 64);
        Ok(())
    })
}

fn ipv6_sockets_leave_ipv4_alone() -> io::Result<()> {
    if !has_ipv6() {
        return Ok(());
    }
    run(async {
        let server = Server::builder().bind("::", 0).serve(echo).await?;
        let port = server.local_addrs()[0].port();
        ask((Ipv6Addr::LOCALHOST, port).into()).await?;
        assert!(ask((Ipv4Addr::LOCALHOST, port).into()).await.is_err());
        let other = Server::builder().bind("0.0.0.0", port).serve(echo).await?;
        ask(([127, 0, 0, 1], port).into()).await?;
        drop(other);
        Ok(())
    })
}

fn several_hosts_are_served() -> io::Result<()> {
    run(async {
        let second = if has_ipv6() { "::1" } else { "127.0.0.1" };
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .bind(second.to_owned(), 0)
            .bind(Ipv4Addr::LOCALHOST, 0)
            .serve(echo)
            .await?;
        let ips: Vec<_> = server.local_addrs().iter().map(SocketAddr::ip).collect();
        let first: IpAddr = Ipv4Addr::LOCALHOST.into();
        assert_eq!(ips, [first, second.parse().expect("an address"), first]);
        for address in server.local_addrs() {
            ask(*address).await?;
        }
        Ok(())
    })
}

fn a_name_with_two_addresses_has_one_port() -> io::Result<()> {
    run(async {
        let server = Server::builder().bind("localhost", 0).serve(echo).await?;
        let addresses = server.local_addrs();
        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
        assert!(addresses.iter().all(|address| address.port() == addresses[0].port()));
        for (index, address) in addresses.iter().enumerate() {
            assert!(!addresses[..index].contains(address), "each address has one socket");
            ask(*address).await?;
        }
        Ok(())
    })
}

fn an_address_in_use_is_named() -> io::Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?;
    run(async {
        let builder = Server::builder().bind("127.0.0.1", 0).bind("127.0.0.1", address.port());
        let error = builder.serve(echo).await.expect_err("it is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        let list = error.get_ref().and_then(|error| error.downcast_ref::<AttemptsError>());
        assert_eq!(list.expect("a list").attempts().count(), 1);
        Ok(())
    })
}

fn an_address_in_use_frees_the_others() -> io::Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let other = std::net::TcpListener::bind("127.0.0.1:0")?;
    run(async {
        let builder = Server::builder().bind_addr(taken).bind_addr(other.local_addr()?);
        assert!(builder.serve(echo).await.is_err());
        drop(std::net::TcpListener::bind(taken)?);
        Ok(())
    })
}

fn an_address_that_the_machine_has_not_got_is_named() {
    // Of a network for documentation, RFC 5737.
    let builder = Server::builder().bind("192.0.2.1", 0);
    let error = run(builder.serve(echo)).expect_err("it belongs to nobody");
    assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
    assert!(error.to_string().contains("192.0.2.1:0"), "{error}");
}

fn a_name_that_nobody_knows_is_an_error() {
    let builder = Server::builder().bind("does.not.exist.invalid", 0);
    let error = run(builder.serve(echo)).expect_err("such names do not exist, RFC 2606");
    assert!(error.to_string().contains("does.not.exist.invalid"), "{error}");
}

/// Leaves a connection in `TIME_WAIT` on the port that is returned.
async fn linger(reuse: bool) -> io::Result<SocketAddr> {
    let builder = Server::builder().bind("127.0.0.1", 0).reuse_address(reuse);
    // The side that closes first is the one that lingers.
    let server = builder.serve(async |stream, _| drop(stream)).await?;
    let address = server.local_addrs()[0];
    let mut client = TcpStream::connect(address).await?;
    assert_eq!(client.read(&mut [0]).await?, 0);
    client.close().await?;
    drop(client);
    server.close();
    common::round_trips(3).await?;
    Ok(address)
}

fn the_address_is_free_again_although_connections_linger() -> io::Result<()> {
    run(async {
        let address = linger(true).await?;
        let server = Server::builder().bind_addr(address).serve(echo).await?;
        ask(server.local_addrs()[0]).await
    })
}

fn without_reuse_address_lingering_connections_keep_the_address() -> io::Result<()> {
    run(async {
        let address = linger(false).await?;
        let builder = Server::builder().bind_addr(address).reuse_address(false);
        let error = builder.serve(echo).await.expect_err("a connection lingers");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        Ok(())
    })
}

fn a_bound_address_is_taken_before_the_server_is_started() -> io::Result<()> {
    run(async {
        let builder = Server::builder().bind("127.0.0.1", 0).start_serving(false);
        let server = builder.serve(echo).await?;
        let address = server.local_addrs()[0];
        let other = Server::builder().bind_addr(address).reuse_address(false);
        let error = other.serve(echo).await.expect_err("it is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(server);
        let other = Server::builder().bind_addr(address).reuse_address(false);
        other.serve(echo).await.map(drop)
    })
}

fn a_start_that_finds_the_address_in_use_names_it_and_closes() -> io::Result<()> {
    run(async {
        let builder = Server::builder().bind("127.0.0.1", 0).start_serving(false);
        let server = builder.serve(echo).await?;
        let address = server.local_addrs()[0];
        // With SO_REUSEADDR several may bind it, as long as nobody listens.
        let builder = Server::builder().bind_addr(address).start_serving(false);
        let late = builder.serve(echo).await?;
        server.start_serving()?;
        let error = late.start_serving().expect_err("somebody listens");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert!(late.wait_closed(None).await.ended_well());
        ask(address).await
    })
}

fn sockets_can_be_configured() -> io::Result<()> {
    run(async {
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .configure(|socket| socket.set_nodelay(true))
            .serve(async |mut stream, _| {
                let nodelay = SockRef::from(&*stream).tcp_nodelay().expect("TCP has it");
                stream.write_all(&[nodelay.into()]).await
            })
            .await?;
        let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
        let mut inherited = [0];
        client.read_exact(&mut inherited).await?;
        assert_eq!(inherited, [1]);
        let failing =
            Server::builder().bind("127.0.0.1", 0).configure(|_| Err(io::Error::other("no")));
        let error = failing.serve(echo).await.expect_err("it is not wanted");
        assert!(error.to_string().contains("no"), "{error}");
        Ok(())
    })
}

fn a_server_outside_of_a_loop_is_an_error() {
    let serving = Server::builder().bind("127.0.0.1", 0).serve(echo);
    let error = futures::executor::block_on(serving).expect_err("there is no loop");
    assert!(error.to_string().contains("no reactor running"), "{error}");
}
