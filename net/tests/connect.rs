//! Connecting, and what is said when it fails.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use runtime::net::{AttemptsError, TcpListener, TcpSocket, TcpStream};

mod common;

use common::closed;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_refused_connection_names_each_address_and_its_cause,
    the_next_address_is_tried_after_a_failure,
    an_empty_list_of_addresses_is_invalid_input,
    an_address_in_use_is_named,
    an_address_of_the_other_family_is_named_as_such,
    a_socket_binds_before_it_connects,
    a_socket_reports_a_refusal_as_the_system_does,
);

fn a_refused_connection_names_each_address_and_its_cause() -> io::Result<()> {
    let addresses = [closed()?, closed()?];
    let error = run(TcpStream::connect(&addresses[..])).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    let text = error.to_string();
    assert!(addresses.iter().all(|address| text.contains(&address.to_string())), "{text}");
    let list = error.get_ref().and_then(|error| error.downcast_ref::<AttemptsError>());
    let list: Vec<_> = list.expect("a list").attempts().collect();
    assert_eq!(list.iter().map(|(address, _)| *address).collect::<Vec<_>>(), addresses);
    assert!(list.iter().all(|(_, cause)| cause.raw_os_error().is_some()));
    Ok(())
}

fn the_next_address_is_tried_after_a_failure() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addresses = [closed()?, listener.local_addr()?];
        let stream = TcpStream::connect(&addresses[..]).await?;
        assert_eq!(stream.peer_addr()?, addresses[1]);
        Ok(())
    })
}

fn an_empty_list_of_addresses_is_invalid_input() {
    let error = run(TcpStream::connect(&[][..] as &[SocketAddr])).expect_err("empty");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = run(TcpListener::bind(&[][..] as &[SocketAddr])).expect_err("empty");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

fn an_address_in_use_is_named() -> io::Result<()> {
    run(async {
        let taken = TcpListener::bind("127.0.0.1:0").await?;
        let address = taken.local_addr()?;
        let error = TcpListener::bind(address).await.expect_err("in use");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        Ok(())
    })
}

fn an_address_of_the_other_family_is_named_as_such() -> io::Result<()> {
    run(async {
        let six: SocketAddr = "[::1]:9".parse().expect("an address");
        let four: SocketAddr = "127.0.0.1:9".parse().expect("an address");
        let error = TcpSocket::new_v4()?.connect(six).await.expect_err("the wrong family");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("TcpSocket::new_v6"), "{error}");
        let error = TcpSocket::new_v4()?.bind(six).expect_err("the wrong family");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        if let Ok(socket) = TcpSocket::new_v6() {
            let error = socket.bind(four).expect_err("the wrong family");
            assert!(error.to_string().contains("TcpSocket::new_v4"), "{error}");
            let error = socket.connect(four).await.expect_err("the wrong family");
            assert!(error.to_string().contains("TcpSocket::new_v4"), "{error}");
        }
        Ok(())
    })
}

fn a_socket_binds_before_it_connects() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let socket = TcpSocket::new_v4()?;
        socket.bind("127.0.0.1:0".parse().expect("an address"))?;
        let local = socket.local_addr()?;
        let stream = socket.connect(listener.local_addr()?).await?;
        assert_eq!(stream.local_addr()?, local);
        let (_, peer) = listener.accept().await?;
        assert_eq!(peer, local);
        Ok(())
    })
}

fn a_socket_reports_a_refusal_as_the_system_does() -> io::Result<()> {
    let address = closed()?;
    let error = run(async { TcpSocket::new_v4()?.connect(address).await });
    let error = error.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(error.raw_os_error().is_some());
    Ok(())
}
