//! A source may be used and dropped on any thread and in any loop.

#![cfg(unix)]

use std::future::poll_fn;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use mio::net::UnixStream;
use runtime_core::reactor::{Direction, Interest, Registered};

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_source_is_read_on_another_thread_by_events_of_its_loop,
    a_source_moves_to_a_task_of_another_loop,
    a_source_dropped_on_another_thread_is_closed_and_its_place_is_used_again,
    a_source_is_taken_back_on_another_thread,
    many_threads_share_a_source_and_lose_nothing,
);

fn pair() -> (UnixStream, UnixStream) {
    UnixStream::pair().expect("a pair of sockets")
}

/// Wakes by unparking a thread, as an executor that is not ours would.
struct Unparker(Thread);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls on this thread, outside of any loop, until there is a result.
fn poll_here<R>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<R>) -> R {
    let waker = Arc::new(Unparker(thread::current())).into();
    let mut cx = Context::from_waker(&waker);
    loop {
        match poll(&mut cx) {
            Poll::Ready(result) => return result,
            Poll::Pending => thread::park(),
        }
    }
}

fn a_source_is_read_on_another_thread_by_events_of_its_loop() {
    run(async {
        let (ours, theirs) = pair();
        let ours = Registered::new(ours).unwrap();
        let theirs = Registered::new(theirs).unwrap();
        const ROUNDS: usize = 1000;
        let reader = runtime_core::spawn_blocking(move || {
            for _ in 0..ROUNDS {
                let mut byte = [0; 1];
                let length = poll_here(|cx| ours.poll_read_io(cx, 2, |mut io| io.read(&mut byte)));
                assert_eq!(length.unwrap(), 1);
                let length =
                    poll_here(|cx| ours.poll_io(cx, Direction::Write, |mut io| io.write(&byte)));
                assert_eq!(length.unwrap(), 1);
            }
        });
        for round in 0..ROUNDS {
            let byte = [round as u8];
            theirs.with_io(Interest::WRITABLE, |mut io| io.write(&byte)).await.unwrap();
            let mut answer = [0; 1];
            theirs.with_io(Interest::READABLE, |mut io| io.read(&mut answer)).await.unwrap();
            assert_eq!(answer, byte);
        }
        reader.await.unwrap();
    });
}

fn a_source_moves_to_a_task_of_another_loop() {
    let (send_source, source) = mpsc::channel();
    let (send_done, done) = mpsc::channel();
    let choice = selectors::choice();
    let home = thread::spawn(move || {
        let home = async move {
            let (ours, mut theirs) = pair();
            send_source.send(Registered::new(ours).unwrap()).unwrap();
            let (finished, wait) = runtime_core_done();
            thread::spawn(move || {
                done.recv().unwrap();
                finished();
            });
            theirs.write_all(b"from home").unwrap();
            wait.await.unwrap();
        };
        selectors::on(choice, || run(home));
    });
    run(async move {
        let source = source.recv().unwrap();
        let mut buffer = [0; 64];
        let length =
            poll_fn(|cx| source.poll_read_io(cx, 64, |mut io| io.read(&mut buffer))).await.unwrap();
        assert_eq!(&buffer[..length], b"from home");
        let hung_up = poll_fn(|cx| source.poll_read_io(cx, 64, |mut io| io.read(&mut buffer)));
        send_done.send(()).unwrap();
        // Either the end of the stream, or the news that the source's loop is gone.
        if let Ok(length) = hung_up.await {
            assert_eq!(length, 0);
        }
    });
    home.join().unwrap();
}

/// A signal from a thread to a task, by way of a source.
fn runtime_core_done() -> (impl FnOnce() + Send, impl Future<Output = std::io::Result<usize>>) {
    let (sender, receiver) = pair();
    let receiver = Registered::new(receiver).unwrap();
    let wait = async move {
        let mut byte = [0; 1];
        receiver.with_io(Interest::READABLE, |mut io| io.read(&mut byte)).await
    };
    (move || drop(sender), wait)
}

fn a_source_dropped_on_another_thread_is_closed_and_its_place_is_used_again() {
    run(async {
        for closing in [false, true] {
            for _ in 0..200 {
                let (ours, theirs) = pair();
                let ours = if closing {
                    Registered::closing(ours, Interest::READABLE).unwrap()
                } else {
                    Registered::new(ours).unwrap()
                };
                let theirs = Registered::new(theirs).unwrap();
                let dropper = thread::spawn(move || drop(ours));
                // The end of the stream is the proof that the descriptor was closed.
                let mut byte = [0; 1];
                let end = theirs.with_io(Interest::READABLE, |mut io| io.read(&mut byte)).await;
                assert_eq!(end.unwrap(), 0);
                dropper.join().unwrap();
            }
        }
    });
}

fn a_source_is_taken_back_on_another_thread() {
    run(async {
        let (ours, mut theirs) = pair();
        let ours = Registered::closing(ours, Interest::READABLE).unwrap();
        let ours = thread::spawn(move || ours.into_inner()).join().unwrap().unwrap();
        // Its registration is over, or this one would be refused.
        let ours = Registered::new(ours).unwrap();
        theirs.write_all(b"x").unwrap();
        ours.readable().await.unwrap();
    });
}

fn many_threads_share_a_source_and_lose_nothing() {
    const MESSAGES: usize = 2000;
    const THREADS: usize = 3;
    run(async {
        let (ours, theirs) = pair();
        let ours = Arc::new(Registered::new(ours).unwrap());
        let theirs = Registered::new(theirs).unwrap();
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let ours = ours.clone();
                runtime_core::spawn_blocking(move || {
                    let mut received = 0;
                    loop {
                        let mut byte = [0; 1];
                        let mut read = std::pin::pin!(
                            ours.with_io(Interest::READABLE, |mut io| io.read(&mut byte))
                        );
                        if poll_here(|cx| read.as_mut().poll(cx)).unwrap() == 0 {
                            return received;
                        }
                        received += 1;
                    }
                })
            })
            .collect();
        for _ in 0..MESSAGES {
            let sent = theirs.with_io(Interest::WRITABLE, |mut io| io.write(&[1])).await;
            assert_eq!(sent.unwrap(), 1);
            runtime_core::task::yield_now().await;
        }
        drop(theirs);
        let mut received = 0;
        for thread in threads {
            received += thread.await.unwrap();
        }
        assert_eq!(received, MESSAGES);
    });
}
