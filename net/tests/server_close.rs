//! The ways in which a server and its connections end.

use std::cell::Cell;
use std::future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::server::{Connection, ServerHandle};
use runtime::net::{Server, TcpListener, TcpStream};

mod common;

use common::selectors::{self, builder, on_each_selector, run};

on_each_selector!(
    close_frees_the_port_at_once_and_leaves_connections_alone,
    close_in_the_midst_of_accepting_resets_who_waits,
    dropping_the_server_closes_it,
    dropping_serve_forever_closes_the_server,
    serve_forever_starts_and_returns_when_closed,
    a_server_may_be_dropped_by_its_own_handler,
    a_server_may_be_closed_by_its_own_handler,
    another_thread_closes_a_server,
    another_thread_starts_a_server_and_waits_for_its_end,
    another_thread_shuts_a_server_down_without_grace,
    a_deadline_tells_how_many_handlers_are_stuck,
    wait_closed_waits_for_the_last_handler,
    wait_closed_says_if_nobody_has_closed_the_server,
    shutdown_aborts_what_is_left_and_counts_it,
    a_loop_that_closes_closes_its_servers,
    a_handle_of_a_server_that_is_gone_does_nothing,
    a_wait_that_is_dropped_leaves_nothing_of_its_task_behind,
);

const LONG: Duration = Duration::from_secs(600);

async fn echo(stream: Connection<TcpStream>, _: SocketAddr) {
    let _ = futures::io::copy(&stream, &mut &stream).await;
}

async fn exchange(client: &mut TcpStream) -> io::Result<()> {
    client.write_all(b"hello").await?;
    let mut answer = [0; 5];
    client.read_exact(&mut answer).await?;
    assert_eq!(&answer, b"hello");
    Ok(())
}

async fn echo_server() -> io::Result<(Server, SocketAddr)> {
    let server = Server::builder().bind("127.0.0.1", 0).serve(echo).await?;
    let address = server.local_addrs()[0];
    Ok((server, address))
}

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

fn close_frees_the_port_at_once_and_leaves_connections_alone() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server().await?;
        let mut client = TcpStream::connect(address).await?;
        exchange(&mut client).await?;
        server.close();
        assert!(!server.is_serving());
        // No turn of the loop has passed.
        let refused = std::net::TcpStream::connect(address).expect_err("nobody listens");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        let next = Server::builder().bind_addr(address).serve(echo).await?;
        assert_eq!(next.local_addrs(), [address]);
        exchange(&mut client).await?;
        exchange(&mut TcpStream::connect(address).await?).await?;
        server.close();
        assert_eq!(server.local_addrs(), [address]);
        Ok(())
    })
}

fn close_in_the_midst_of_accepting_resets_who_waits() -> io::Result<()> {
    run(async {
        // The first handler closes the server while a hundred others wait in the queue.
        let handle: Rc<Cell<Option<ServerHandle>>> = Rc::default();
        let (found, served) = (handle.clone(), Rc::new(Cell::new(0)));
        let count = served.clone();
        let builder = Server::builder().bind("127.0.0.1", 0).max_connections(1);
        let server = builder
            .serve(async move |_stream, _| {
                count.set(count.get() + 1);
                if let Some(handle) = found.take() {
                    handle.close();
                }
            })
            .await?;
        handle.set(Some(server.handle()));
        let address = server.local_addrs()[0];
        let mut clients = Vec::new();
        for _ in 0..100 {
            // Blocking: the kernel alone does it, and nothing is accepted meanwhile.
            clients.push(std::net::TcpStream::connect(address)?);
        }
        assert!(server.wait_closed(LONG).await.ended_well());
        assert_eq!(served.get(), 1);
        for client in clients {
            let mut client = TcpStream::from_std(client)?;
            // The end of the stream for the one that was accepted, a reset for the others.
            match client.read(&mut [0]).await {
                Ok(count) => assert_eq!(count, 0),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
            }
        }
        Ok(())
    })
}

fn dropping_the_server_closes_it() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server().await?;
        let mut client = TcpStream::connect(address).await?;
        exchange(&mut client).await?;
        let handle = server.handle();
        drop(server);
        assert!(handle.is_closed() && !handle.is_serving());
        assert!(std::net::TcpStream::connect(address).is_err());
        exchange(&mut client).await?;
        assert_eq!(handle.connections(), 1);
        // The connections can still be told to end.
        handle.close_clients();
        assert!(handle.wait_closed(LONG).await.ended_well());
        assert_eq!(client.read(&mut [0]).await?, 0);
        Ok(())
    })
}

fn dropping_serve_forever_closes_the_server() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server().await?;
        assert!(server.serve_forever().now_or_never().is_none());
        assert!(!server.is_serving());
        assert!(std::net::TcpStream::connect(address).is_err());
        Ok(())
    })
}

fn serve_forever_starts_and_returns_when_closed() -> io::Result<()> {
    run(async {
        let builder = Server::builder().bind("127.0.0.1", 0).start_serving(false);
        let server = builder.serve(echo).await?;
        let (address, handle) = (server.local_addrs()[0], server.handle());
        let serving = runtime::spawn(async move { server.serve_forever().await });
        while !handle.is_serving() {
            runtime::task::yield_now().await;
        }
        exchange(&mut TcpStream::connect(address).await?).await?;
        handle.close();
        serving.await.expect("no panic")
    })
}

fn a_server_may_be_dropped_by_its_own_handler() -> io::Result<()> {
    run(async {
        let place: Rc<Cell<Option<Server>>> = Rc::default();
        let owner = place.clone();
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async move |stream, peer| {
                drop(owner.take());
                echo(stream, peer).await;
            })
            .await?;
        let (address, handle) = (server.local_addrs()[0], server.handle());
        place.set(Some(server));
        let mut client = TcpStream::connect(address).await?;
        exchange(&mut client).await?;
        assert!(handle.is_closed());
        assert!(std::net::TcpStream::connect(address).is_err());
        drop(client);
        assert!(handle.wait_closed(LONG).await.ended_well());
        Ok(())
    })
}

fn a_server_may_be_closed_by_its_own_handler() -> io::Result<()> {
    run(async {
        let place: Rc<Cell<Option<ServerHandle>>> = Rc::default();
        let owner = place.clone();
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async move |mut stream, _| {
                if let Some(handle) = owner.take() {
                    // At once, as this is the thread of its loop.
                    handle.close();
                    assert!(handle.is_closed());
                    let _ = stream.write_all(b"closed").await;
                }
            })
            .await?;
        place.set(Some(server.handle()));
        let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
        let mut answer = String::new();
        client.read_to_string(&mut answer).await?;
        assert_eq!(answer, "closed");
        assert!(server.wait_closed(LONG).await.ended_well());
        Ok(())
    })
}

fn another_thread_closes_a_server() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server().await?;
        let mut client = TcpStream::connect(address).await?;
        exchange(&mut client).await?;
        let handle = server.handle();
        let operator = thread::spawn(move || {
            handle.close();
            handle.close_clients();
            let report = futures::executor::block_on(handle.wait_closed(None));
            assert!(report.ended_well(), "{report}");
            // The port is free.
            std::net::TcpListener::bind(address).map(drop)
        });
        server.serve_forever().await?;
        assert_eq!(client.read(&mut [0]).await?, 0);
        while !operator.is_finished() {
            common::round_trips(1).await?;
        }
        drop(client);
        operator.join().expect("no panic")
    })
}

fn another_thread_starts_a_server_and_waits_for_its_end() -> io::Result<()> {
    run(async {
        let builder = Server::builder().bind("127.0.0.1", 0).start_serving(false);
        let server = builder.serve(echo).await?;
        let (address, handle) = (server.local_addrs()[0], server.handle());
        let choice = selectors::choice();
        let operator = thread::spawn(move || {
            handle.start_serving();
            while !handle.is_serving() {
                thread::yield_now();
            }
            // It is another loop that waits here.
            let rt = choice.set_up(runtime::Builder::new()).build()?;
            rt.block_on(async {
                exchange(&mut TcpStream::connect(address).await?).await?;
                let report = handle.shutdown(LONG).await;
                assert!(report.ended_well(), "{report}");
                Ok::<_, io::Error>(())
            })
        });
        assert!(server.wait_closed(None).await.ended_well());
        operator.join().expect("no panic")
    })
}

fn another_thread_shuts_a_server_down_without_grace() -> io::Result<()> {
    run(async {
        let (server, _clients) = stuck(2).await?;
        let handle = server.handle();
        let choice = selectors::choice();
        let operator = thread::spawn(move || {
            let rt = choice.set_up(runtime::Builder::new()).build()?;
            let report = rt.block_on(handle.shutdown(Duration::ZERO));
            assert_eq!(handle.connections(), 0);
            io::Result::Ok(report)
        });
        assert!(server.wait_closed(None).await.ended_well());
        let report = operator.join().expect("no panic")?;
        assert!(report.is_closed());
        assert_eq!(report.left(), 2);
        Ok(())
    })
}

fn a_deadline_tells_how_many_handlers_are_stuck() -> io::Result<()> {
    run(async {
        let (server, clients) = stuck(2).await?;
        server.close();
        server.close_clients();
        let report = server.wait_closed(Duration::ZERO).await;
        assert_eq!(report.left(), 2);
        assert!(report.is_closed() && !report.ended_well());
        assert_eq!(report.to_string(), "the server is closed, 2 connections left");
        assert_eq!(server.peers().len(), 2);
        let handle = server.handle();
        assert_eq!(handle.wait_closed(Duration::ZERO).await, report);
        drop(clients);
        Ok(())
    })
}

fn wait_closed_waits_for_the_last_handler() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server().await?;
        let mut client = TcpStream::connect(address).await?;
        exchange(&mut client).await?;
        let mut waiting = Box::pin(server.wait_closed(None));
        assert!(common::stays_pending(&mut waiting).await?, "it is not closed");
        server.close();
        assert!(common::stays_pending(&mut waiting).await?, "a connection is open");
        drop(client);
        let report = waiting.await;
        assert!(report.ended_well(), "{report}");
        Ok(())
    })
}

fn wait_closed_says_if_nobody_has_closed_the_server() -> io::Result<()> {
    run(async {
        let (server, _) = echo_server().await?;
        let report = server.wait_closed(Duration::ZERO).await;
        assert!(!report.is_closed() && !report.ended_well());
        assert_eq!(report.to_string(), "the server is not closed, no connection left");
        Ok(())
    })
}

async fn is_reset(client: &mut TcpStream) {
    let error = client.read(&mut [0]).await.expect_err("it is reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

fn shutdown_aborts_what_is_left_and_counts_it() -> io::Result<()> {
    run(async {
        let (server, mut clients) = stuck(2).await?;
        let report = server.shutdown(Duration::ZERO).await;
        assert_eq!(report.left(), 2);
        assert_eq!(server.connections(), 0);
        for client in &mut clients {
            is_reset(client).await;
        }
        Ok(())
    })
}

fn a_loop_that_closes_closes_its_servers() -> io::Result<()> {
    let rt = builder().build()?;
    let (server, address, client) = rt.block_on(async {
        let (server, address) = echo_server().await?;
        let mut client = TcpStream::connect(address).await?;
        exchange(&mut client).await?;
        Ok::<_, io::Error>((server, address, client))
    })?;
    let handle = server.handle();
    rt.close().expect("it does not run");
    assert!(handle.is_closed() && !server.is_serving());
    assert_eq!(handle.connections(), 0);
    assert!(std::net::TcpStream::connect(address).is_err());
    let report = futures::executor::block_on(handle.wait_closed(None));
    assert!(report.ended_well(), "{report}");
    assert!(server.start_serving().is_err());
    drop((server, client));
    Ok(())
}

fn a_handle_of_a_server_that_is_gone_does_nothing() -> io::Result<()> {
    run(async {
        let (server, address) = echo_server().await?;
        let handle = server.handle();
        drop(server);
        // Its address is another's now.
        let listener = TcpListener::bind(address).await?;
        handle.close();
        handle.close_clients();
        handle.abort_clients();
        handle.start_serving();
        assert!(!handle.is_serving());
        let (client, accepted) = futures::join!(TcpStream::connect(address), listener.accept());
        client.and(accepted).map(drop)
    })
}

/// A waker that is counted by its references.
struct Task;

impl std::task::Wake for Task {
    fn wake(self: Arc<Self>) {}
}

fn a_wait_that_is_dropped_leaves_nothing_of_its_task_behind() -> io::Result<()> {
    run(async {
        let task = Arc::new(Task);
        let waker = Waker::from(task.clone());
        let waits = move |wait: &mut (dyn Future<Output = ()> + Unpin)| {
            let mut cx = Context::from_waker(&waker);
            assert!(wait.poll_unpin(&mut cx).is_pending());
        };
        let (told, handled) = futures::channel::oneshot::channel();
        let told = Cell::new(Some(told));
        let count = task.clone();
        let polls = waits.clone();
        let handler = async move |connection: Connection<TcpStream>, _| {
            // Of two that wait, the one that stays still hears of it.
            let mut goes = Box::pin(connection.closing());
            let mut stays = Box::pin(connection.closing());
            assert!(futures::poll!(&mut stays).is_pending());
            polls(&mut goes);
            let waiting = Arc::strong_count(&count);
            drop(goes);
            let left = Arc::strong_count(&count);
            assert_eq!(left, waiting - 1);
            if let Some(told) = told.take() {
                let _ = told.send(left);
            }
            stays.await;
        };
        let server = Server::builder().bind("127.0.0.1", 0).serve(handler).await?;
        let handle = server.handle();
        let _client = TcpStream::connect(server.local_addrs()[0]).await?;
        let before = Arc::strong_count(&task);
        assert_eq!(handled.await.expect("the handler says so"), before);

        let mut wait = Box::pin(handle.wait_closed(None).map(drop));
        waits(&mut wait);
        assert_eq!(Arc::strong_count(&task), before + 1);
        drop(wait);
        assert_eq!(Arc::strong_count(&task), before);
        assert!(server.shutdown(LONG).await.is_closed());
        Ok(())
    })
}
