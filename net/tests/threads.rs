//! Sockets used and dropped by threads that have no loop, while the loop they belong to runs elsewhere.

use std::io::{self, Read};
use std::thread;

use futures::channel::oneshot;
use futures::{AsyncReadExt, AsyncWriteExt, executor};
use runtime::net::TcpListener;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_stream_dropped_on_another_thread_is_closed,
    a_listener_and_halves_are_dropped_on_another_thread,
    another_thread_reads_and_writes_while_the_loop_waits_for_events,
);

fn a_stream_dropped_on_another_thread_is_closed() -> io::Result<()> {
    run(async {
        for _ in 0..20 {
            let (stream, mut peer) = common::half_pair().await?;
            // It has been waited for, so that the reactor knows it well.
            common::stays_pending(&mut Box::pin(stream.readable())).await?;
            thread::spawn(move || drop(stream)).join().expect("no panic");
            assert_eq!(peer.read(&mut [0; 1])?, 0);
            common::round_trips(1).await?;
        }
        Ok(())
    })
}

fn a_listener_and_halves_are_dropped_on_another_thread() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stream, mut peer) = common::half_pair().await?;
        let (mut reader, writer) = stream.into_split();
        thread::spawn(move || drop((listener, writer))).join().expect("no panic");
        assert_eq!(peer.read(&mut [0; 1])?, 0);
        assert!(std::net::TcpStream::connect(address).is_err());
        io::Write::write_all(&mut peer, b"x")?;
        reader.read_exact(&mut [0; 1]).await
    })
}

fn another_thread_reads_and_writes_while_the_loop_waits_for_events() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        let (done, is_done) = oneshot::channel();
        let worker = thread::spawn(move || {
            let result = executor::block_on(async {
                for _ in 0..50 {
                    let mut buf = [0; 4];
                    server.read_exact(&mut buf).await?;
                    server.write_all(&buf).await?;
                }
                Ok::<_, io::Error>(())
            });
            let _ = done.send(result);
        });
        for _ in 0..50 {
            client.write_all(b"ping").await?;
            client.read_exact(&mut [0; 4]).await?;
        }
        is_done.await.expect("a result")?;
        worker.join().expect("no panic");
        Ok(())
    })
}

#[test]
fn outside_a_loop_sockets_say_what_is_missing() -> io::Result<()> {
    let address = std::net::TcpListener::bind("127.0.0.1:0")?;
    let error = executor::block_on(TcpListener::bind("127.0.0.1:0")).expect_err("no loop");
    assert!(error.to_string().contains("there is no reactor running"), "{error}");
    let error = TcpListener::from_std(address).expect_err("no loop");
    assert!(error.to_string().contains("there is no reactor running"), "{error}");
    Ok(())
}
