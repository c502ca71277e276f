//! A server runs a handler for each connection, and says how it is.

use std::cell::{Cell, RefCell};
use std::future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::server::{Connection, Host};
use runtime::net::{Server, TcpListener, TcpStream};

mod common;

use common::selectors::{self, builder, on_each_selector, run};

on_each_selector!(
    handlers_run_side_by_side_and_know_their_peers,
    a_handler_may_be_a_closure_that_returns_a_future,
    handlers_inherit_the_context_of_whoever_started_the_server,
    a_panic_ends_one_connection_and_is_told_with_its_address,
    a_panic_counts_for_the_policy_of_the_loop,
    a_server_that_is_not_started_refuses_and_can_be_started,
    starting_twice_is_starting_once,
    a_server_without_a_place_to_listen_on_is_an_error,
    existing_listeners_are_served,
    several_listeners_are_served_at_once,
    a_connection_can_be_taken_out_of_reach,
    connections_and_peers_are_told,
    a_thousand_connections_are_served,
);

const LONG: Duration = Duration::from_secs(600);

async fn echo(stream: Connection<TcpStream>, _: SocketAddr) {
    let _ = futures::io::copy(&stream, &mut &stream).await;
}

async fn ask(address: SocketAddr) -> io::Result<TcpStream> {
    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"hello").await?;
    let mut answer = [0; 5];
    client.read_exact(&mut answer).await?;
    assert_eq!(&answer, b"hello");
    Ok(client)
}

fn handlers_run_side_by_side_and_know_their_peers() -> io::Result<()> {
    run(async {
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async |mut stream, peer: SocketAddr| {
                assert_eq!(stream.peer_addr().expect("connected"), peer);
                stream.write_all(peer.to_string().as_bytes()).await?;
                let _ = stream.read(&mut [0]).await?;
                io::Result::Ok(())
            })
            .await?;
        let mut clients = Vec::new();
        for _ in 0..3 {
            let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
            let expected = client.local_addr()?.to_string();
            let mut answer = vec![0; expected.len()];
            // The handlers before it have not ended.
            client.read_exact(&mut answer).await?;
            assert_eq!(answer, expected.as_bytes());
            clients.push(client);
        }
        drop(clients);
        assert!(server.shutdown(LONG).await.ended_well());
        Ok(())
    })
}

fn a_handler_may_be_a_closure_that_returns_a_future() -> io::Result<()> {
    run(async {
        let counter = Rc::new(Cell::new(0));
        let counted = counter.clone();
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(move |stream, peer| {
                counted.set(counted.get() + 1);
                async move { echo(stream, peer).await }
            })
            .await?;
        ask(server.local_addrs()[0]).await?;
        ask(server.local_addrs()[0]).await?;
        assert_eq!(counter.get(), 2);
        Ok(())
    })
}

fn handlers_inherit_the_context_of_whoever_started_the_server() -> io::Result<()> {
    runtime::context_var! {
        static NAME: &str = "nobody";
    }
    run(async {
        NAME.set("ada");
        let seen = Rc::new(Cell::new(""));
        let noted = seen.clone();
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async move |stream, peer| {
                noted.set(NAME.get());
                NAME.set("eve");
                echo(stream, peer).await;
            })
            .await?;
        for _ in 0..2 {
            ask(server.local_addrs()[0]).await?;
            assert_eq!(seen.get(), "ada");
        }
        Ok(())
    })
}

/// Serves two connections, of which the first panics; returns the address of that one.
async fn panic_once() -> io::Result<SocketAddr> {
    let first = Cell::new(true);
    let server = Server::builder()
        .bind("127.0.0.1", 0)
        .serve(async move |stream, peer| {
            if first.replace(false) {
                runtime::task::yield_now().await;
                panic!("a bug");
            }
            echo(stream, peer).await;
        })
        .await?;
    let mut broken = TcpStream::connect(server.local_addrs()[0]).await?;
    assert_eq!(broken.read(&mut [0]).await?, 0);
    ask(server.local_addrs()[0]).await?;
    assert!(server.shutdown(LONG).await.ended_well());
    broken.local_addr()
}

fn a_panic_ends_one_connection_and_is_told_with_its_address() -> io::Result<()> {
    let told = Rc::new(RefCell::new(Vec::new()));
    let heard = told.clone();
    let rt = builder()
        .exception_handler(move |context| {
            let task = context.task().and_then(|task| task.name()).map(str::to_owned);
            heard.borrow_mut().push((context.panic_message().map(str::to_owned), task));
        })
        .build()?;
    let address = rt.block_on(panic_once())?;
    let expected = (Some("a bug".to_owned()), Some(format!("connection from {address}")));
    assert_eq!(*told.borrow(), [expected]);
    Ok(())
}

fn a_panic_counts_for_the_policy_of_the_loop() -> io::Result<()> {
    let rt = builder().unhandled_panic(runtime::UnhandledPanic::Shutdown).build()?;
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        rt.block_on(async {
            panic_once().await?;
            future::pending::<io::Result<()>>().await
        })
    }));
    assert!(ended.is_err(), "the loop has been shut down");
    Ok(())
}

fn a_server_that_is_not_started_refuses_and_can_be_started() -> io::Result<()> {
    run(async {
        let builder = Server::builder().bind("127.0.0.1", 0).start_serving(false);
        let server = builder.serve(echo).await?;
        let address = server.local_addrs()[0];
        assert!(!server.is_serving() && address.port() != 0);
        let refused = TcpStream::connect(address).await.expect_err("nobody listens");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        server.start_serving()?;
        assert!(server.is_serving());
        assert_eq!(server.local_addrs(), [address]);
        ask(address).await?;
        Ok(())
    })
}

fn starting_twice_is_starting_once() -> io::Result<()> {
    run(async {
        let server = Server::builder().bind("127.0.0.1", 0).serve(echo).await?;
        server.start_serving()?;
        ask(server.local_addrs()[0]).await?;
        server.close();
        let error = server.start_serving().expect_err("it is closed");
        assert!(error.to_string().contains("the server is closed"), "{error}");
        assert!(server.serve_forever().await.is_err());
        Ok(())
    })
}

fn a_server_without_a_place_to_listen_on_is_an_error() {
    let error = run(Server::builder().serve(echo)).expect_err("there is no place");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("`bind`"), "{error}");
}

fn existing_listeners_are_served() -> io::Result<()> {
    let inherited = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = inherited.local_addr()?;
    // It waits in the queue already.
    let early = std::net::TcpStream::connect(address)?;
    run(async {
        let server = Server::builder().from_std(inherited)?.serve(echo).await?;
        assert_eq!(server.local_addrs(), [address]);
        ask(address).await?;
        assert!(server.peers().contains(&early.local_addr()?));
        drop(early);

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = Server::over(listener).serve(echo).await?;
        ask(server.local_addrs()[0]).await?;
        Ok(())
    })
}

fn several_listeners_are_served_at_once() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .bind(Host::Ip([127, 0, 0, 1].into()), 0)
            .bind_addr(([127, 0, 0, 1], 0))
            .listener(listener)
            .serve(echo)
            .await?;
        assert_eq!(server.local_addrs().len(), 4);
        for address in server.local_addrs() {
            ask(*address).await?;
        }
        Ok(())
    })
}

fn a_connection_can_be_taken_out_of_reach() -> io::Result<()> {
    run(async {
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async |stream: Connection<TcpStream>, _| {
                let stream = stream.into_inner();
                let mut byte = [0];
                let _ = (&stream).read_exact(&mut byte).await;
                let _ = (&stream).write_all(&byte).await;
            })
            .await?;
        let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
        while server.connections() == 0 {
            common::round_trips(1).await?;
        }
        // The handler does not hear of it, and serves on.
        server.close_clients();
        common::round_trips(3).await?;
        client.write_all(b"x").await?;
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await?;
        assert_eq!(answer, b"x");
        Ok(())
    })
}

fn connections_and_peers_are_told() -> io::Result<()> {
    run(async {
        let server = Server::builder().bind("127.0.0.1", 0).serve(echo).await?;
        assert_eq!(server.connections(), 0);
        let first = ask(server.local_addrs()[0]).await?;
        let second = ask(server.local_addrs()[0]).await?;
        assert_eq!(server.connections(), 2);
        assert_eq!(server.handle().connections(), 2);
        let mut peers = server.peers();
        peers.sort();
        let mut expected = [first.local_addr()?, second.local_addr()?];
        expected.sort();
        assert_eq!(peers, expected);
        drop(first);
        while server.connections() == 2 {
            common::round_trips(1).await?;
        }
        assert_eq!(server.peers(), [second.local_addr()?]);
        Ok(())
    })
}

fn a_thousand_connections_are_served() -> io::Result<()> {
    run(async {
        let server = Server::builder().bind("127.0.0.1", 0).serve(echo).await?;
        let address = server.local_addrs()[0];
        for _ in 0..10 {
            futures::future::try_join_all((0..100).map(|_| ask(address))).await?;
        }
        let report = server.shutdown(LONG).await;
        assert!(report.ended_well(), "{report}");
        Ok(())
    })
}
