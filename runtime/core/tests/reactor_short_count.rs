//! A short read or write tells that the next one would block, so it is not made.

#![cfg(unix)]

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream as StdStream;

use mio::net::UnixStream;
use runtime_core::reactor::{Direction, Interest, Ready, Registered};

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_short_read_ends_readiness_without_a_second_call,
    a_full_read_keeps_readiness,
    a_short_read_and_the_end_in_one_edge_deliver_the_end,
    an_end_that_comes_after_a_short_read_is_delivered,
    a_first_read_that_is_short_does_not_hide_the_end,
    a_short_write_ends_readiness_until_there_is_room,
    a_call_by_poll_io_keeps_readiness_whatever_its_count,
);

fn pair() -> (Registered<UnixStream>, StdStream) {
    let (ours, theirs) = StdStream::pair().expect("a pair of sockets");
    ours.set_nonblocking(true).expect("non-blocking mode");
    let ours = Registered::new(UnixStream::from_std(ours)).expect("a registration");
    (ours, theirs)
}

/// Reads once, counting the system calls.
async fn read(io: &Registered<UnixStream>, calls: &mut usize) -> io::Result<Vec<u8>> {
    let mut buffer = [0; 64];
    let length = poll_fn(|cx| {
        io.poll_read_io(cx, buffer.len(), |mut io| {
            *calls += 1;
            io.read(&mut buffer)
        })
    })
    .await?;
    Ok(buffer[..length].to_vec())
}

fn a_short_read_ends_readiness_without_a_second_call() {
    run(async {
        let (ours, mut theirs) = pair();
        let mut calls = 0;
        for _ in 0..10 {
            theirs.write_all(b"ping").unwrap();
            ours.readable().await.unwrap();
            calls = 0;
            assert_eq!(read(&ours, &mut calls).await.unwrap(), b"ping");
            // The second would block, and is not even tried.
            let second = ours.try_io(Interest::READABLE, |_| {
                calls += 1;
                Ok(())
            });
            let error = second.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            assert_eq!(calls, 1);
        }
        assert_eq!(calls, 1);
    });
}

fn a_full_read_keeps_readiness() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(&[7; 100]).unwrap();
        ours.readable().await.unwrap();
        let mut calls = 0;
        assert_eq!(read(&ours, &mut calls).await.unwrap(), [7; 64]);
        assert_eq!(read(&ours, &mut calls).await.unwrap(), [7; 36]);
        assert_eq!(calls, 2);
    });
}

fn a_short_read_and_the_end_in_one_edge_deliver_the_end() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"last words").unwrap();
        theirs.shutdown(Shutdown::Write).unwrap();
        let ready = ours.ready(Interest::READABLE).await.unwrap();
        assert!(ready.contains(Ready::READABLE | Ready::READ_CLOSED), "{ready:?}");

        let mut calls = 0;
        assert_eq!(read(&ours, &mut calls).await.unwrap(), b"last words");
        assert_eq!(read(&ours, &mut calls).await.unwrap(), b"");
        assert_eq!(calls, 2);
    });
}

fn an_end_that_comes_after_a_short_read_is_delivered() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"last words").unwrap();
        ours.readable().await.unwrap();
        theirs.shutdown(Shutdown::Write).unwrap();
        let mut calls = 0;
        assert_eq!(read(&ours, &mut calls).await.unwrap(), b"last words");
        assert_eq!(read(&ours, &mut calls).await.unwrap(), b"");
    });
}

fn a_first_read_that_is_short_does_not_hide_the_end() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"last words").unwrap();
        theirs.shutdown(Shutdown::Write).unwrap();
        let mut calls = 0;
        assert_eq!(read(&ours, &mut calls).await.unwrap(), b"last words");
        assert_eq!(read(&ours, &mut calls).await.unwrap(), b"");
    });
}

fn a_short_write_ends_readiness_until_there_is_room() {
    run(async {
        let (ours, mut theirs) = pair();
        let chunk = vec![1; 1 << 20];
        let mut calls = 0;
        let written = poll_fn(|cx| {
            ours.poll_write_io(cx, chunk.len(), |mut io| {
                calls += 1;
                io.write(&chunk)
            })
        })
        .await
        .unwrap();
        assert!(written < chunk.len(), "the buffer of a socket holds less");
        let error = ours.try_write_io(1, |_| unreachable!("it would block")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(calls, 1);

        let reader = std::thread::spawn(move || {
            let mut rest = vec![0; written];
            theirs.read_exact(&mut rest).map(|()| theirs)
        });
        let more = poll_fn(|cx| ours.poll_write_io(cx, 1, |mut io| io.write(b"x"))).await.unwrap();
        assert_eq!(more, 1);
        drop(reader.join().unwrap().unwrap());
    });
}

fn a_call_by_poll_io_keeps_readiness_whatever_its_count() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"ab").unwrap();
        let mut one = [0; 1];
        for expected in [b'a', b'b'] {
            let read = poll_fn(|cx| ours.poll_io(cx, Direction::Read, |mut io| io.read(&mut one)));
            assert_eq!(read.await.unwrap(), 1);
            assert_eq!(one[0], expected);
        }
    });
}
