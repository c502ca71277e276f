//! Accepting, one by one and as a stream.

use std::io::{self, ErrorKind};
use std::task::Context;

use futures::stream::FusedStream;
use futures::{StreamExt, future};
use runtime::net::{TcpListener, TcpStream};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    incoming_yields_every_connection,
    several_tasks_accept_from_one_listener,
    accept_waits_again_after_the_queue_was_emptied,
    a_cancelled_accept_loses_no_connection,
    try_accept_and_poll_accept_do_not_wait,
    an_endless_queue_leaves_other_tasks_their_turn,
);

fn incoming_yields_every_connection() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let connecting = runtime::spawn(async move {
            future::try_join_all((0..300).map(|_| TcpStream::connect(address))).await
        });
        let incoming = listener.incoming();
        assert!(!incoming.is_terminated());
        let streams: Vec<_> = incoming.take(300).collect().await;
        assert!(streams.iter().all(Result::is_ok));
        let mut served: Vec<_> =
            streams.iter().flatten().map(|stream| stream.peer_addr().expect("a peer")).collect();
        let clients = connecting.await.expect("no panic")?;
        let mut expected: Vec<_> =
            clients.iter().map(|client| client.local_addr().expect("an address")).collect();
        served.sort();
        expected.sort();
        assert_eq!(served, expected);
        Ok(())
    })
}

fn several_tasks_accept_from_one_listener() -> io::Result<()> {
    run(async {
        let listener = std::rc::Rc::new(TcpListener::bind("127.0.0.1:0").await?);
        let address = listener.local_addr()?;
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let listener = std::rc::Rc::clone(&listener);
                runtime::spawn(async move { listener.accept().await })
            })
            .collect();
        common::round_trips(2).await?;
        let _clients = future::try_join_all((0..10).map(|_| TcpStream::connect(address))).await?;
        for task in tasks {
            task.await.expect("no panic")?;
        }
        Ok(())
    })
}

fn accept_waits_again_after_the_queue_was_emptied() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        for _ in 0..5 {
            let mut accept = Box::pin(listener.accept());
            assert!(common::stays_pending(&mut accept).await?);
            let client = TcpStream::connect(address).await?;
            assert_eq!(accept.await?.1, client.local_addr()?);
        }
        Ok(())
    })
}

fn a_cancelled_accept_loses_no_connection() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut accept = Box::pin(listener.accept());
        assert!(common::stays_pending(&mut accept).await?);
        let client = TcpStream::connect(listener.local_addr()?).await?;
        drop(accept);
        assert_eq!(listener.accept().await?.1, client.local_addr()?);
        Ok(())
    })
}

fn try_accept_and_poll_accept_do_not_wait() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        assert_eq!(listener.try_accept().expect_err("nobody").kind(), ErrorKind::WouldBlock);
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (_server, peer) = future::poll_fn(|cx| listener.poll_accept(cx)).await?;
        assert_eq!(peer, client.local_addr()?);
        let mut cx = Context::from_waker(futures::task::noop_waker_ref());
        assert!(listener.poll_accept(&mut cx).is_pending());
        Ok(())
    })
}

fn an_endless_queue_leaves_other_tasks_their_turn() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let _clients: Vec<_> = (0..400)
            .map(|_| std::net::TcpStream::connect(address))
            .collect::<io::Result<Vec<_>>>()?;
        let served = std::rc::Rc::new(std::cell::Cell::new(0));
        let count = std::rc::Rc::clone(&served);
        let acceptor = runtime::spawn(async move {
            let mut incoming = listener.incoming();
            while let Some(stream) = incoming.next().await {
                std::mem::forget(stream);
                count.set(count.get() + 1);
                if count.get() == 400 {
                    break;
                }
            }
        });
        while served.get() == 0 {
            runtime::task::yield_now().await;
        }
        assert!(served.get() < 400, "one task accepted everything in a single turn");
        acceptor.await.expect("no panic");
        Ok(())
    })
}
