//! Without a loop there is no reactor, and the error says so.

#![cfg(unix)]

use std::future::{pending, poll_fn};
use std::io::{self, Read};
use std::os::unix::net::UnixStream as StdStream;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use mio::net::UnixStream;
use runtime_core::reactor::{AsyncFd, Direction, Interest, Registered};

mod support;

use support::selectors::{self, builder, on_each_selector, run};

on_each_selector!(
    an_entered_loop_is_enough_to_register,
    when_the_loop_closes_tasks_of_other_loops_get_an_error,
    after_the_loop_has_closed_everything_fails_and_nothing_hangs,
    a_task_that_is_dropped_with_its_loop_may_use_its_source_to_the_end,
);

fn socket() -> (UnixStream, UnixStream) {
    UnixStream::pair().expect("a pair of sockets")
}

#[test]
fn outside_of_a_loop_registering_fails_and_names_the_remedy() {
    let error = Registered::new(socket().0).unwrap_err();
    assert!(error.to_string().contains("there is no reactor running"), "{error}");
    assert!(error.to_string().contains("run"), "{error}");

    let error = AsyncFd::new(StdStream::pair().unwrap().0).unwrap_err();
    assert!(error.to_string().contains("there is no reactor running"), "{error}");
}

fn an_entered_loop_is_enough_to_register() {
    let rt = builder().build().unwrap();
    let entered = rt.enter();
    let source = Registered::new(socket().0).unwrap();
    drop(entered);
    drop(source);
}

fn when_the_loop_closes_tasks_of_other_loops_get_an_error() {
    let first = builder().build().unwrap();
    let (ours, _theirs) = socket();
    let source = {
        let _entered = first.enter();
        Arc::new(Registered::new(ours).unwrap())
    };
    let (waiting, is_waiting) = std::sync::mpsc::channel();
    let threads: Vec<_> = [Interest::READABLE, Interest::PRIORITY]
        .into_iter()
        .map(|interest| {
            let source = source.clone();
            let waiting = waiting.clone();
            std::thread::spawn(move || {
                let mut ready = std::pin::pin!(source.ready(interest));
                run(poll_fn(move |cx| {
                    let outcome = ready.as_mut().poll(cx);
                    let _ = waiting.send(());
                    outcome
                }))
            })
        })
        .collect();
    for _ in &threads {
        is_waiting.recv().unwrap();
    }
    first.close().unwrap();
    for thread in threads {
        let error = thread.join().unwrap().unwrap_err();
        assert!(error.to_string().contains("closed"), "{error}");
    }
}

fn after_the_loop_has_closed_everything_fails_and_nothing_hangs() {
    let rt = builder().build().unwrap();
    let (ours, _theirs) = socket();
    let source = rt.block_on(async { Registered::new(ours).unwrap() });
    drop(rt);

    let closed = |error: io::Error| assert!(error.to_string().contains("closed"), "{error}");
    closed(source.try_io(Interest::READABLE, |_| Ok(())).unwrap_err());
    closed(source.try_read_io(1, |_| Ok(1)).unwrap_err());

    let mut cx = Context::from_waker(Waker::noop());
    match source.poll_io(&mut cx, Direction::Write, |_| Ok(())) {
        Poll::Ready(outcome) => closed(outcome.unwrap_err()),
        Poll::Pending => panic!("it would wait for ever"),
    }
    match source.poll_read_ready(&mut cx) {
        Poll::Ready(outcome) => closed(outcome.unwrap_err()),
        Poll::Pending => panic!("it would wait for ever"),
    }
    run(async {
        closed(source.readable().await.unwrap_err());
        closed(source.with_io(Interest::READABLE, |_| Ok(())).await.unwrap_err());
    });
    // The source is not lost.
    let mut io = source.into_inner().unwrap();
    assert_eq!(io.read(&mut [0; 1]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

fn a_task_that_is_dropped_with_its_loop_may_use_its_source_to_the_end() {
    struct LastWord(Registered<UnixStream>);
    impl Drop for LastWord {
        fn drop(&mut self) {
            let _ = self.0.try_io(Interest::READABLE, |mut io| io.read(&mut [0; 1]));
            // Whether the loop still takes a source or not, it says so.
            let _ = Registered::new(socket().0);
        }
    }
    let rt = builder().build().unwrap();
    rt.block_on(async {
        let word = LastWord(Registered::new(socket().0).unwrap());
        drop(runtime_core::spawn(async move {
            let _word = word;
            pending::<()>().await;
        }));
        runtime_core::task::yield_now().await;
    });
    rt.close().unwrap();
}
