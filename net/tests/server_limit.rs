//! How many connections a server has at a time.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use futures::future::try_join_all;
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::server::{Builder, Connection};
use runtime::net::{Server, TcpListener, TcpStream};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    with_one_connection_at_a_time_the_next_waits_for_its_end,
    with_many_at_a_time_there_are_never_more,
    all_listeners_share_the_limit,
    room_is_made_by_a_panic_and_an_abort_as_well,
    a_full_server_can_be_closed,
    a_crowd_at_the_door_does_not_keep_those_inside_waiting,
);

/// Tells how many connections there are, and how many there ever were at once.
#[derive(Clone, Default)]
struct Gauge {
    now: Rc<Cell<usize>>,
    most: Rc<Cell<usize>>,
}

async fn serve(builder: Builder<TcpListener>, gauge: &Gauge) -> io::Result<Server> {
    let gauge = gauge.clone();
    let handler = async move |stream: Connection<TcpStream>, _: SocketAddr| {
        gauge.now.set(gauge.now.get() + 1);
        gauge.most.set(gauge.most.get().max(gauge.now.get()));
        let _ = futures::io::copy(&stream, &mut &stream).await;
        gauge.now.set(gauge.now.get() - 1);
    };
    builder.serve(handler).await
}

async fn exchange(client: &mut TcpStream) -> io::Result<()> {
    client.write_all(b"x").await?;
    client.read_exact(&mut [0]).await
}

fn with_one_connection_at_a_time_the_next_waits_for_its_end() -> io::Result<()> {
    run(async {
        let gauge = Gauge::default();
        let builder = Server::builder().bind("127.0.0.1", 0).max_connections(1);
        let server = serve(builder, &gauge).await?;
        let address = server.local_addrs()[0];
        let mut current = TcpStream::connect(address).await?;
        exchange(&mut current).await?;
        for _ in 0..5 {
            // The system completes the handshake, and takes what is sent.
            let mut next = TcpStream::connect(address).await?;
            let mut waiting = Box::pin(exchange(&mut next));
            assert!(common::stays_pending(&mut waiting).await?);
            assert_eq!(server.connections(), 1);
            drop(current);
            waiting.await?;
            current = next;
        }
        assert_eq!(gauge.most.get(), 1);
        Ok(())
    })
}

fn with_many_at_a_time_there_are_never_more() -> io::Result<()> {
    run(async {
        let gauge = Gauge::default();
        let builder = Server::builder().bind("127.0.0.1", 0).max_connections(7);
        let server = serve(builder, &gauge).await?;
        let address = server.local_addrs()[0];
        let clients = (0..200).map(async |_| {
            let mut client = TcpStream::connect(address).await?;
            exchange(&mut client).await?;
            exchange(&mut client).await
        });
        try_join_all(clients).await?;
        assert_eq!(gauge.most.get(), 7);
        Ok(())
    })
}

fn all_listeners_share_the_limit() -> io::Result<()> {
    run(async {
        let gauge = Gauge::default();
        let builder = Server::builder().bind("127.0.0.1", 0).bind("127.0.0.1", 0);
        let server = serve(builder.max_connections(2), &gauge).await?;
        let [first, second] = *server.local_addrs() else { panic!("two addresses") };
        let clients = (0..60).map(async |index| {
            let address = if index % 2 == 0 { first } else { second };
            exchange(&mut TcpStream::connect(address).await?).await
        });
        try_join_all(clients).await?;
        assert_eq!(gauge.most.get(), 2);
        Ok(())
    })
}

fn room_is_made_by_a_panic_and_an_abort_as_well() -> io::Result<()> {
    run(async {
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .max_connections(1)
            .serve(async |mut stream, _| {
                let mut byte = [0];
                let _ = stream.read_exact(&mut byte).await;
                assert_ne!(byte, *b"p", "somebody asked for a panic");
                let _ = stream.write_all(&byte).await;
                std::future::pending::<()>().await;
            })
            .await?;
        let address = server.local_addrs()[0];
        let mut bad = TcpStream::connect(address).await?;
        bad.write_all(b"p").await?;
        let mut next = TcpStream::connect(address).await?;
        exchange(&mut next).await?;
        let mut last = TcpStream::connect(address).await?;
        server.abort_clients();
        exchange(&mut last).await
    })
}

fn a_full_server_can_be_closed() -> io::Result<()> {
    run(async {
        let gauge = Gauge::default();
        let builder = Server::builder().bind("127.0.0.1", 0).max_connections(1);
        let server = serve(builder, &gauge).await?;
        let address = server.local_addrs()[0];
        let mut inside = TcpStream::connect(address).await?;
        exchange(&mut inside).await?;
        let mut outside = TcpStream::connect(address).await?;
        server.close();
        let error = outside.read(&mut [0]).await.expect_err("nobody will ever accept it");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        exchange(&mut inside).await?;
        drop(inside);
        assert!(server.wait_closed(None).await.ended_well());
        assert_eq!(gauge.most.get(), 1);
        Ok(())
    })
}

fn a_crowd_at_the_door_does_not_keep_those_inside_waiting() -> io::Result<()> {
    run(async {
        let gauge = Gauge::default();
        let server = serve(Server::builder().bind("127.0.0.1", 0), &gauge).await?;
        let address = server.local_addrs()[0];
        // Blocking, so that the whole crowd is there when the loop turns next.
        let crowd: Vec<_> =
            (0..300).map(|_| std::net::TcpStream::connect(address)).collect::<io::Result<_>>()?;
        let mut turns = 0;
        while server.connections() < crowd.len() {
            let before = server.connections();
            runtime::task::yield_now().await;
            let after = server.connections();
            // This task had its turn in between.
            assert!(after - before <= 32, "{} in a row", after - before);
            turns += 1;
        }
        assert!(turns >= 300 / 32);
        Ok(())
    })
}
