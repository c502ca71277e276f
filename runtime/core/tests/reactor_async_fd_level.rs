//! A level-triggered `AsyncFd` looks at its descriptor anew for every wait.

#![cfg(unix)]

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::Arc;
use std::thread;

use futures::future::poll_fn;
use futures::poll;
use runtime_core::reactor::{AsyncFd, Interest, Ready};
use runtime_core::task::yield_now;

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_wait_ends_as_long_as_there_is_something_left,
    a_wait_goes_on_once_all_is_read_though_nobody_said_so,
    clearing_by_mistake_does_no_harm,
    a_call_that_stops_early_is_made_again,
    pollers_look_as_well,
    all_who_wait_are_called,
    a_wait_tells_exactly_what_there_is,
    a_wait_on_another_thread_ends,
    the_end_of_the_loop_ends_a_wait,
    the_mode_can_be_left,
);

fn pair() -> (AsyncFd<UnixStream>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    ours.set_nonblocking(true).expect("non-blocking mode");
    let ours = AsyncFd::new(ours).expect("a registration").level_triggered(true);
    assert!(ours.is_level_triggered());
    (ours, theirs)
}

fn read_one(ours: &AsyncFd<UnixStream>) -> u8 {
    let mut byte = [0];
    ours.get_ref().read_exact(&mut byte).unwrap();
    byte[0]
}

fn a_wait_ends_as_long_as_there_is_something_left() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"abc").unwrap();
        for expected in *b"abc" {
            ours.readable().await.unwrap().clear_ready();
            assert_eq!(read_one(&ours), expected);
        }
    });
}

fn a_wait_goes_on_once_all_is_read_though_nobody_said_so() {
    run(async {
        let (ours, mut theirs) = pair();
        for expected in *b"abc" {
            let mut wait = pin!(ours.readable());
            assert!(poll!(&mut wait).is_pending());
            theirs.write_all(&[expected]).unwrap();
            // The guard is dropped without a call by way of it.
            drop(wait.await.unwrap());
            assert_eq!(read_one(&ours), expected);
        }
    });
}

fn clearing_by_mistake_does_no_harm() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"x").unwrap();
        for _ in 0..3 {
            let mut guard = ours.readable().await.unwrap();
            let refused = guard.try_io(|_| Err::<(), _>(io::ErrorKind::WouldBlock.into()));
            refused.unwrap_err();
        }
        assert_eq!(ours.try_io(Interest::READABLE, |mut io| io.read(&mut [0; 8])).unwrap(), 1);
        let error = ours.try_io(Interest::READABLE, |mut io| io.read(&mut [0; 8])).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    });
}

fn a_call_that_stops_early_is_made_again() {
    run(async {
        let (ours, mut theirs) = pair();
        theirs.write_all(b"two").unwrap();
        let mut refusals = 0;
        // Other tasks run in between: the call is not repeated in one go for ever.
        let other = runtime_core::spawn(async {
            yield_now().await;
        });
        let outcome = ours.async_io(Interest::READABLE, |mut io| {
            if refusals < 1000 || !other.is_finished() {
                refusals += 1;
                return Err(io::ErrorKind::WouldBlock.into());
            }
            io.read(&mut [0; 8])
        });
        assert_eq!(outcome.await.unwrap(), 3);
    });
}

fn pollers_look_as_well() {
    run(async {
        let (mut ours, mut theirs) = pair();
        theirs.write_all(b"ab").unwrap();
        for expected in *b"ab" {
            poll_fn(|cx| ours.poll_read_ready(cx)).await.unwrap().clear_ready();
            poll_fn(|cx| ours.poll_read_ready_mut(cx).map_ok(drop)).await.unwrap();
            assert_eq!(read_one(&ours), expected);
        }
        let pending = poll_fn(|cx| std::task::Poll::Ready(ours.poll_read_ready(cx).is_pending()));
        assert!(pending.await);
        poll_fn(|cx| ours.poll_write_ready(cx)).await.unwrap().clear_ready();
        poll_fn(|cx| ours.poll_write_ready_mut(cx).map_ok(drop)).await.unwrap();
    });
}

fn all_who_wait_are_called() {
    run(async {
        let (ours, mut theirs) = pair();
        let mut waits: Vec<_> = (0..5).map(|_| Box::pin(ours.readable())).collect();
        let mut writable = pin!(ours.writable());
        for wait in &mut waits {
            assert!(poll!(wait).is_pending());
        }
        assert!(poll!(&mut writable).is_ready());
        theirs.write_all(b"x").unwrap();
        for wait in waits {
            wait.await.unwrap().clear_ready();
        }
    });
}

fn a_wait_tells_exactly_what_there_is() {
    run(async {
        let (ours, mut theirs) = pair();
        let both = Interest::READABLE | Interest::WRITABLE;
        assert_eq!(ours.ready(both).await.unwrap().ready(), Ready::WRITABLE);
        theirs.write_all(b"x").unwrap();
        assert_eq!(ours.ready(both).await.unwrap().ready(), Ready::READABLE | Ready::WRITABLE);
        read_one(&ours);
        assert_eq!(ours.ready(both).await.unwrap().ready(), Ready::WRITABLE);
        drop(theirs);
        let ready = ours.ready(both).await.unwrap().ready();
        assert!(ready.is_read_closed() && ready.is_write_closed());
    });
}

fn a_wait_on_another_thread_ends() {
    run(async {
        let (ours, mut theirs) = pair();
        let ours = Arc::new(ours);
        let (sender, receiver) = futures::channel::oneshot::channel();
        let waiter = thread::spawn({
            let ours = ours.clone();
            move || {
                futures::executor::block_on(async {
                    let mut wait = pin!(ours.readable());
                    assert!(poll!(&mut wait).is_pending());
                    sender.send(()).unwrap();
                    drop(wait.await.unwrap());
                    read_one(&ours)
                })
            }
        });
        receiver.await.unwrap();
        theirs.write_all(b"x").unwrap();
        // The loop goes on turning until the thread has heard.
        while !waiter.is_finished() {
            yield_now().await;
        }
        assert_eq!(waiter.join().unwrap(), b'x');
    });
}

fn the_end_of_the_loop_ends_a_wait() {
    let (ours, _theirs) = run(async { pair() });
    futures::executor::block_on(async {
        assert!(ours.readable().await.unwrap_err().to_string().contains("closed"));
        let error = ours.try_io(Interest::READABLE, |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("closed"));
    });
}

fn the_mode_can_be_left() {
    run(async {
        let (ours, mut theirs) = pair();
        let ours = ours.level_triggered(false);
        theirs.write_all(b"x").unwrap();
        ours.readable().await.unwrap().clear_ready();
        let error = ours.try_io(Interest::READABLE, |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    });
}
