//! `AsyncFd` tells when any descriptor is ready.

#![cfg(unix)]

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;

use runtime_core::reactor::{AsyncFd, Interest, Ready};
use runtime_core::task::yield_now;

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_guard_is_given_when_there_is_something_to_read,
    a_new_descriptor_is_not_ready_before_the_system_says_so,
    readiness_stays_until_it_is_cleared,
    a_guard_does_not_clear_what_came_after_it,
    one_side_is_cleared_and_the_other_stays,
    a_call_that_would_block_clears_the_guard_and_waits_anew,
    async_io_makes_the_call_when_the_descriptor_is_ready,
    exclusive_calls_wait_and_learn_too,
    every_task_that_waits_for_a_side_is_called,
    the_object_comes_back_deregistered,
    a_borrowed_descriptor_will_do,
    a_descriptor_is_registered_once_and_its_duplicate_too,
);

fn pair() -> (AsyncFd<UnixStream>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    ours.set_nonblocking(true).expect("non-blocking mode");
    (AsyncFd::new(ours).expect("a registration"), theirs)
}

fn a_guard_is_given_when_there_is_something_to_read() {
    run(async {
        let (ours, mut theirs) = pair();
        let reader = runtime_core::spawn(async move {
            let mut buffer = [0; 16];
            loop {
                let mut guard = ours.readable().await.unwrap();
                assert!(guard.ready().is_readable());
                match guard.try_io(|ours| ours.get_ref().read(&mut buffer)) {
                    Ok(length) => return buffer[..length.unwrap()].to_vec(),
                    Err(_would_block) => continue,
                }
            }
        });
        yield_now().await;
        assert!(!reader.is_finished());
        theirs.write_all(b"hello").unwrap();
        assert_eq!(reader.await.unwrap(), b"hello");
    });
}

fn a_new_descriptor_is_not_ready_before_the_system_says_so() {
    run(async {
        let (ours, _theirs) = pair();
        let readable = runtime_core::spawn(async move {
            let _ = ours.readable().await.unwrap();
        });
        for _ in 0..200 {
            yield_now().await;
        }
        assert!(!readable.is_finished());
    });
}

fn readiness_stays_until_it_is_cleared() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"x").unwrap();
        ours.readable().await.unwrap().retain_ready();
        let _ = ours.readable().await.unwrap();
        ours.readable().await.unwrap().clear_ready();
        // The byte is still there, but nobody has told so since.
        let error = ours.try_io(Interest::READABLE, |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        theirs.write_all(b"y").unwrap();
        let _ = ours.readable().await.unwrap();
    });
}

fn a_guard_does_not_clear_what_came_after_it() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"x").unwrap();
        let mut early = ours.readable().await.unwrap();
        ours.readable().await.unwrap().clear_ready();
        theirs.write_all(b"y").unwrap();
        let _ = ours.readable().await.unwrap();
        early.clear_ready();
        let _ = ours.readable().await.unwrap();
    });
}

fn one_side_is_cleared_and_the_other_stays() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"x").unwrap();
        let both = Interest::READABLE | Interest::WRITABLE;
        let mut guard = loop {
            let guard = ours.ready(both).await.unwrap();
            if guard.ready().contains(Ready::READABLE | Ready::WRITABLE) {
                break guard;
            }
        };
        guard.clear_ready_matching(Ready::READABLE);
        assert_eq!(guard.ready(), Ready::WRITABLE);
        assert_eq!(ours.ready(both).await.unwrap().ready(), Ready::WRITABLE);
    });
}

fn a_call_that_would_block_clears_the_guard_and_waits_anew() {
    run(async {
        let (mut ours, mut theirs) = pair();
        theirs.write_all(b"x").unwrap();
        let mut byte = [0; 1];
        let mut guard = ours.readable_mut().await.unwrap();
        assert_eq!(guard.try_io(|ours| ours.get_mut().read(&mut byte)).unwrap().unwrap(), 1);
        guard.try_io(|ours| ours.get_mut().read(&mut byte)).unwrap_err();
        theirs.write_all(b"y").unwrap();
        let mut guard = ours.readable_mut().await.unwrap();
        assert_eq!(guard.get_inner_mut().read(&mut byte).unwrap(), 1);
        assert_eq!(byte, *b"y");
    });
}

fn async_io_makes_the_call_when_the_descriptor_is_ready() {
    run(async {
        let (ours, mut theirs) = pair();
        let reader = runtime_core::spawn(async move {
            let mut buffer = [0; 16];
            let read = ours.async_io(Interest::READABLE, |mut io| io.read(&mut buffer)).await;
            buffer[..read.unwrap()].to_vec()
        });
        yield_now().await;
        theirs.write_all(b"hello").unwrap();
        assert_eq!(reader.await.unwrap(), b"hello");
    });
}

fn exclusive_calls_wait_and_learn_too() {
    run(async {
        let (mut ours, mut theirs) = pair();
        let mut byte = [0];
        let error = ours.try_io_mut(Interest::READABLE, |io| io.read(&mut byte)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        let not_called = ours.try_io_mut(Interest::READABLE, |_| Ok(())).unwrap_err();
        assert_eq!(not_called.kind(), io::ErrorKind::WouldBlock);
        theirs.write_all(b"xy").unwrap();
        for expected in *b"xy" {
            let read = ours.async_io_mut(Interest::READABLE, |io| io.read(&mut byte)).await;
            assert_eq!((read.unwrap(), byte[0]), (1, expected));
        }
    });
}

fn every_task_that_waits_for_a_side_is_called() {
    run(async {
        let (ours, mut theirs) = pair();
        let ours = std::rc::Rc::new(ours);
        let tasks: Vec<_> = (0..10)
            .map(|number| {
                let ours = ours.clone();
                runtime_core::spawn(async move {
                    let interest = match number % 3 {
                        0 => Interest::READABLE,
                        1 => Interest::READABLE | Interest::PRIORITY,
                        _ => Interest::READABLE | Interest::ERROR,
                    };
                    ours.async_io(interest, |mut io| io.read(&mut [0])).await.unwrap()
                })
            })
            .collect();
        for _ in 0..10 {
            yield_now().await;
        }
        // A byte for each, but one event for all.
        theirs.write_all(&[0; 10]).unwrap();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 1);
        }
    });
}

// poll(2) takes them: see `reactor_poll`.
#[test]
fn a_regular_file_is_refused_with_a_remedy() {
    runtime_core::run(async {
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        let error = AsyncFd::new(file).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("spawn_blocking"), "{error}");
    });
}

fn the_object_comes_back_deregistered() {
    run(async {
        let (ours, mut theirs) = pair();
        let number = ours.as_raw_fd();
        let ours = ours.into_inner();
        assert_eq!(ours.as_fd().as_raw_fd(), number);
        let ours = AsyncFd::new(ours).unwrap();
        theirs.write_all(b"x").unwrap();
        let _ = ours.readable().await.unwrap();
    });
}

fn a_borrowed_descriptor_will_do() {
    run(async {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        for _ in 0..2 {
            let borrowed = AsyncFd::with_interest(&ours, Interest::READABLE).unwrap();
            theirs.write_all(b"x").unwrap();
            let mut guard = borrowed.readable().await.unwrap();
            let read = guard.try_io(|ours| ours.get_inner_read());
            assert_eq!(read.unwrap().unwrap(), 1);
        }
    });
}

trait ReadOne {
    fn get_inner_read(&self) -> io::Result<usize>;
}

impl ReadOne for AsyncFd<&UnixStream> {
    fn get_inner_read(&self) -> io::Result<usize> {
        let mut stream = *self.get_ref();
        stream.read(&mut [0; 1])
    }
}

fn a_descriptor_is_registered_once_and_its_duplicate_too() {
    run(async {
        let (ours, mut theirs) = pair();
        let error = AsyncFd::new(ours.as_fd()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);

        let duplicate = AsyncFd::new(ours.get_ref().try_clone().unwrap()).unwrap();
        theirs.write_all(b"x").unwrap();
        let _ = ours.readable().await.unwrap();
        let _ = duplicate.readable().await.unwrap();
    });
}
