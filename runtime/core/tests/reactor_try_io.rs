//! `try_io` never waits, and learns from what it finds.

#![cfg(unix)]

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, Read, Write};

use mio::net::{TcpListener, TcpStream, UnixStream};
use runtime_core::reactor::{Direction, Interest, Registered};

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_call_that_would_block_is_not_repeated_before_the_next_event,
    reading_and_writing_are_cleared_apart,
    peeking_leaves_the_bytes_readable_and_waits_when_there_are_none,
);

fn pair() -> (Registered<UnixStream>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    (Registered::new(ours).unwrap(), theirs)
}

fn a_call_that_would_block_is_not_repeated_before_the_next_event() {
    run(async {
        let (ours, mut theirs) = pair();
        let calls = Cell::new(0);
        let attempt = || {
            ours.try_io(Interest::READABLE, |mut io| {
                calls.set(calls.get() + 1);
                io.read(&mut [0; 1])
            })
        };
        for _ in 0..3 {
            assert_eq!(attempt().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
        assert_eq!(calls.get(), 1);

        theirs.write_all(b"x").unwrap();
        ours.readable().await.unwrap();
        assert_eq!(attempt().unwrap(), 1);
        assert_eq!(attempt().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(calls.get(), 3);

        theirs.write_all(b"y").unwrap();
        ours.readable().await.unwrap();
        assert_eq!(attempt().unwrap(), 1);
    });
}

fn reading_and_writing_are_cleared_apart() {
    run(async {
        let (ours, _theirs) = pair();
        ours.writable().await.unwrap();
        let read = ours.try_io(Interest::READABLE, |mut io| io.read(&mut [0; 1]));
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(ours.try_io(Interest::WRITABLE, |mut io| io.write(b"x")).unwrap(), 1);
    });
}

fn peeking_leaves_the_bytes_readable_and_waits_when_there_are_none() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = Registered::closing(listener, Interest::READABLE).unwrap();
        let ours = Registered::new(TcpStream::connect(address).unwrap()).unwrap();
        let (mut theirs, _) =
            listener.with_io(Interest::READABLE, |listener| listener.accept()).await.unwrap();
        ours.writable().await.unwrap();
        assert!(ours.get_ref().take_error().unwrap().is_none());

        for round in 0..3 {
            let peeker = async {
                let mut byte = [0; 1];
                let peek = poll_fn(|cx| ours.poll_io(cx, Direction::Read, |io| io.peek(&mut byte)));
                assert_eq!(peek.await.unwrap(), 1);
                byte[0]
            };
            let mut peeker = std::pin::pin!(peeker);
            let pending =
                poll_fn(|cx| std::task::Poll::Ready(peeker.as_mut().poll(cx).is_pending()));
            assert!(pending.await, "there is nothing to peek at");
            theirs.write_all(&[round]).unwrap();
            assert_eq!(peeker.await, round);

            let mut byte = [9; 1];
            assert_eq!(ours.try_io(Interest::READABLE, |mut io| io.read(&mut byte)).unwrap(), 1);
            assert_eq!(byte[0], round);
        }
    });
}
