//! `AsyncFd` waits for errors, and an error reaches everybody who waits.

#![cfg(unix)]

use std::io::{self, Write};
use std::net::UdpSocket;
use std::pin::pin;

use futures::poll;
use runtime_core::reactor::{AsyncFd, Interest};
use runtime_core::task::yield_now;
use rustix::pipe::{PipeFlags, pipe_with};

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_wait_for_errors_ends_when_the_reader_of_a_pipe_is_gone,
    a_wait_for_errors_leaves_data_and_room_aside,
    who_waits_for_errors_does_not_take_them_from_a_reader,
);

fn a_wait_for_errors_ends_when_the_reader_of_a_pipe_is_gone() {
    run(async {
        let (reader, writer) = pipe_with(PipeFlags::NONBLOCK | PipeFlags::CLOEXEC).unwrap();
        let writer = AsyncFd::with_interest(writer, Interest::ERROR).unwrap();
        let mut wait = pin!(writer.ready(Interest::ERROR));
        assert!(poll!(&mut wait).is_pending());
        drop(reader);
        let mut guard = wait.await.unwrap();
        assert!(guard.ready().is_error());
        let error = guard.try_io(|writer| Ok(rustix::io::write(writer, b"x")?)).unwrap();
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
}

fn a_wait_for_errors_leaves_data_and_room_aside() {
    run(async {
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let ours = AsyncFd::new(ours).unwrap();
        let mut wait = pin!(ours.ready(Interest::ERROR));
        assert!(poll!(&mut wait).is_pending());
        theirs.write_all(b"x").unwrap();
        let _ = (ours.readable().await.unwrap(), ours.writable().await.unwrap());
        for _ in 0..200 {
            yield_now().await;
        }
        assert!(poll!(&mut wait).is_pending());
    });
}

/// One event, two waits; the one for errors is through first and clears what it saw.
fn who_waits_for_errors_does_not_take_them_from_a_reader() {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let closed = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(closed.local_addr().unwrap()).unwrap();
        socket.set_nonblocking(true).unwrap();
        let socket = AsyncFd::new(socket).unwrap();

        let mut buffer = [0; 16];
        let mut reader = pin!(socket.async_io(Interest::READABLE, |io| io.recv(&mut buffer)));
        let mut errors = pin!(socket.ready(Interest::ERROR));
        assert!(poll!(&mut reader).is_pending() && poll!(&mut errors).is_pending());
        drop(closed);
        socket.get_ref().send(b"to nobody").unwrap();
        errors.await.unwrap().clear_ready();
        assert_eq!(reader.await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    });
}
