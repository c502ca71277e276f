//! A server can end the connections that it has, in peace or at once.

use std::cell::Cell;
use std::future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::server::{Connection, ServerHandle};
use runtime::net::{Server, TcpStream};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    close_clients_ends_the_input_after_what_has_arrived,
    close_clients_tells_handlers_that_do_not_read,
    abort_clients_resets_the_connections,
    abort_clients_from_a_handler_ends_that_one_too,
);

const LONG: Duration = Duration::from_secs(600);

/// A server whose handlers never return, with `count` clients.
async fn stuck(count: usize) -> io::Result<(Server, Vec<TcpStream>)> {
    let server = Server::builder()
        .bind("127.0.0.1", 0)
        .serve(async |stream, _| {
            future::pending::<()>().await;
            drop(stream);
        })
        .await?;
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(TcpStream::connect(server.local_addrs()[0]).await?);
    }
    while server.connections() < count {
        common::round_trips(1).await?;
    }
    Ok((server, clients))
}

fn close_clients_ends_the_input_after_what_has_arrived() -> io::Result<()> {
    run(async {
        let started = Rc::new(Cell::new(false));
        let begun = started.clone();
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async move |mut stream: Connection<TcpStream>, _| {
                // Until the server asks: what has arrived by then still counts.
                begun.set(true);
                stream.closing().await;
                let mut text = String::new();
                stream.read_to_string(&mut text).await?;
                assert!(stream.is_closing());
                stream.write_all(text.to_uppercase().as_bytes()).await
            })
            .await?;
        let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
        client.write_all(b"the last words").await?;
        while !started.get() {
            common::round_trips(1).await?;
        }
        server.close();
        server.close_clients();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await?;
        assert_eq!(answer, "THE LAST WORDS");
        assert!(server.wait_closed(LONG).await.ended_well());
        Ok(())
    })
}

fn close_clients_tells_handlers_that_do_not_read() -> io::Result<()> {
    run(async {
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async |mut stream: Connection<TcpStream>, _| {
                stream.closing().await;
                stream.write_all(b"goodbye").await
            })
            .await?;
        let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
        while server.connections() == 0 {
            common::round_trips(1).await?;
        }
        server.close_clients();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await?;
        assert_eq!(answer, "goodbye");
        // Those who come later have not been asked.
        assert!(server.is_serving());
        let mut later = TcpStream::connect(server.local_addrs()[0]).await?;
        assert!(common::stays_pending(&mut later.read(&mut [0])).await?);
        Ok(())
    })
}

async fn is_reset(client: &mut TcpStream) {
    let error = client.read(&mut [0]).await.expect_err("it is reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

fn abort_clients_resets_the_connections() -> io::Result<()> {
    run(async {
        let (server, mut clients) = stuck(3).await?;
        server.abort_clients();
        for client in &mut clients {
            is_reset(client).await;
        }
        assert_eq!(server.connections(), 0);
        assert!(server.is_serving());
        Ok(())
    })
}

fn abort_clients_from_a_handler_ends_that_one_too() -> io::Result<()> {
    run(async {
        let handle: Rc<Cell<Option<ServerHandle>>> = Rc::default();
        let (found, survived) = (handle.clone(), Rc::new(Cell::new(false)));
        let lived = survived.clone();
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async move |mut stream, _| {
                let _ = stream.read(&mut [0]).await;
                found.take().expect("one byte is sent").abort_clients();
                future::pending::<()>().await;
                lived.set(true);
            })
            .await?;
        handle.set(Some(server.handle()));
        let mut other = TcpStream::connect(server.local_addrs()[0]).await?;
        let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
        while server.connections() < 2 {
            common::round_trips(1).await?;
        }
        client.write_all(b"x").await?;
        is_reset(&mut client).await;
        is_reset(&mut other).await;
        assert!(!survived.get());
        Ok(())
    })
}
