//! Hang-ups and errors wake whoever waits, and cost nothing afterwards.

#![cfg(unix)]

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream as StdStream;
use std::rc::Rc;

use mio::net::UnixStream;
use mio::unix::pipe;
use runtime_core::reactor::{Direction, Interest, Ready, Registered};

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_half_closed_peer_with_a_full_send_buffer_uses_no_cpu,
    a_reader_of_a_pipe_hears_that_the_writer_is_gone,
    a_writer_to_a_full_pipe_hears_that_the_reader_is_gone,
    a_hang_up_wakes_readers_and_writers,
);

fn pair() -> (Registered<UnixStream>, Registered<UnixStream>) {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    (Registered::new(ours).unwrap(), Registered::new(theirs).unwrap())
}

async fn read(io: &Registered<UnixStream>, buffer: &mut [u8]) -> io::Result<usize> {
    poll_fn(|cx| io.poll_read_io(cx, buffer.len(), |mut io| io.read(buffer))).await
}

async fn write(io: &Registered<UnixStream>, bytes: &[u8]) -> io::Result<usize> {
    poll_fn(|cx| io.poll_write_io(cx, bytes.len(), |mut io| io.write(bytes))).await
}

fn a_half_closed_peer_with_a_full_send_buffer_uses_no_cpu() {
    run(async {
        let (ours, theirs) = pair();
        theirs.get_ref().shutdown(Shutdown::Write).unwrap();
        assert_eq!(read(&ours, &mut [0; 1]).await.unwrap(), 0);

        let attempts = Rc::new(Cell::new(0));
        let writer = runtime_core::spawn({
            let attempts = attempts.clone();
            async move {
                loop {
                    let chunk = [0; 4096];
                    let full = poll_fn(|cx| {
                        ours.poll_io(cx, Direction::Write, |mut io| {
                            attempts.set(attempts.get() + 1);
                            io.write(&chunk)
                        })
                    });
                    if full.await.is_err() {
                        return;
                    }
                }
            }
        });

        // A hundred turns of the loop, each of which parks and would see a writer that spins.
        let (ping, pong) = pair();
        let mut settled = 0;
        for turn in 0..200 {
            assert_eq!(write(&ping, b"x").await.unwrap(), 1);
            assert_eq!(read(&pong, &mut [0; 1]).await.unwrap(), 1);
            runtime_core::task::yield_now().await;
            if turn == 100 {
                settled = attempts.get();
            }
        }
        assert!(settled > 0);
        assert_eq!(attempts.get(), settled);

        // The peer goes for good: now the writer hears of it.
        drop(theirs);
        writer.await.unwrap();
    });
}

fn a_reader_of_a_pipe_hears_that_the_writer_is_gone() {
    run(async {
        let (sender, receiver) = pipe::new().unwrap();
        let receiver = Registered::new(receiver).unwrap();
        let reader = runtime_core::spawn(async move {
            let mut buffer = [0; 8];
            receiver.with_io(Interest::READABLE, |mut io| io.read(&mut buffer)).await
        });
        runtime_core::task::yield_now().await;
        drop(sender);
        assert_eq!(reader.await.unwrap().unwrap(), 0);
    });
}

fn a_writer_to_a_full_pipe_hears_that_the_reader_is_gone() {
    run(async {
        let (sender, receiver) = pipe::new().unwrap();
        let sender = Registered::new(sender).unwrap();
        let writer = runtime_core::spawn(async move {
            loop {
                sender.with_io(Interest::WRITABLE, |mut io| io.write(&[0; 4096])).await?;
            }
            #[allow(unreachable_code)]
            Ok::<(), io::Error>(())
        });
        for _ in 0..100 {
            runtime_core::task::yield_now().await;
        }
        assert!(!writer.is_finished());
        drop(receiver);
        let error = writer.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    });
}

fn a_hang_up_wakes_readers_and_writers() {
    run(async {
        let (ours, theirs) = StdStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let ours = Rc::new(Registered::new(UnixStream::from_std(ours)).unwrap());
        // Used up, so that both have to wait for an event.
        let _ = ours.try_io(Interest::READABLE, |mut io| io.read(&mut [0; 1]));
        while ours.try_io(Interest::WRITABLE, |mut io| io.write(&[0; 65536])).is_ok() {}

        let reader = runtime_core::spawn({
            let ours = ours.clone();
            async move { ours.ready(Interest::READABLE).await }
        });
        let writer = runtime_core::spawn({
            let ours = ours.clone();
            async move { ours.ready(Interest::WRITABLE).await }
        });
        runtime_core::task::yield_now().await;
        drop(theirs);
        assert!(reader.await.unwrap().unwrap().contains(Ready::READ_CLOSED));
        assert!(writer.await.unwrap().unwrap().contains(Ready::WRITE_CLOSED));
    });
}
