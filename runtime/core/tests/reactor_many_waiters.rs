//! Any number of tasks may wait for one source.

#![cfg(unix)]

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::rc::Rc;
use std::task::Poll;

use mio::net::UnixStream;
use runtime_core::reactor::{Direction, Interest, Registered};
use runtime_core::task::yield_now;

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    one_event_wakes_all_who_wait,
    readers_share_the_messages,
    a_dropped_wait_does_not_take_the_event_from_the_others,
    two_waits_of_one_task_survive_the_drop_of_either,
    a_poller_and_waits_of_other_tasks_all_hear,
    waiting_for_both_directions_ends_with_either,
);

fn pair() -> (Rc<Registered<UnixStream>>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    (Rc::new(Registered::new(ours).unwrap()), theirs)
}

fn one_event_wakes_all_who_wait() {
    run(async {
        let (ours, mut theirs) = pair();
        let woken = Rc::new(Cell::new(0));
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let (ours, woken) = (ours.clone(), woken.clone());
                runtime_core::spawn(async move {
                    ours.readable().await.unwrap();
                    woken.set(woken.get() + 1);
                })
            })
            .collect();
        yield_now().await;
        assert_eq!(woken.get(), 0);
        theirs.write_all(b"x").unwrap();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(woken.get(), 10);
    });
}

fn readers_share_the_messages() {
    run(async {
        let (ours, mut theirs) = pair();
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let ours = ours.clone();
                runtime_core::spawn(async move {
                    let mut byte = [0; 1];
                    ours.with_io(Interest::READABLE, |mut io| io.read(&mut byte)).await.unwrap();
                    byte[0]
                })
            })
            .collect();
        yield_now().await;
        theirs.write_all(&[1; 10]).unwrap();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, 10);
    });
}

fn a_dropped_wait_does_not_take_the_event_from_the_others() {
    run(async {
        let (ours, mut theirs) = pair();
        let mut tasks: Vec<_> = (0..4)
            .map(|_| {
                let ours = ours.clone();
                runtime_core::spawn(async move { ours.readable().await.unwrap() })
            })
            .collect();
        yield_now().await;
        // The first waits in the table, the others in the queue: drop one of each.
        tasks.remove(0).abort();
        tasks.remove(1).abort();
        yield_now().await;
        theirs.write_all(b"x").unwrap();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

fn two_waits_of_one_task_survive_the_drop_of_either() {
    run(async {
        let (ours, mut theirs) = pair();
        let reader = runtime_core::spawn({
            let ours = ours.clone();
            async move {
                let mut first = Box::pin(ours.readable());
                let mut second = Box::pin(ours.readable());
                poll_fn(|cx| {
                    assert!(first.as_mut().poll(cx).is_pending());
                    assert!(second.as_mut().poll(cx).is_pending());
                    Poll::Ready(())
                })
                .await;
                drop(first);
                second.await.unwrap();
            }
        });
        yield_now().await;
        theirs.write_all(b"x").unwrap();
        reader.await.unwrap();
    });
}

fn a_poller_and_waits_of_other_tasks_all_hear() {
    run(async {
        let (ours, mut theirs) = pair();
        let wait = runtime_core::spawn({
            let ours = ours.clone();
            async move { ours.readable().await.unwrap() }
        });
        yield_now().await;
        // Takes the place in the table; the wait is called and moves to the queue.
        let poll = runtime_core::spawn({
            let ours = ours.clone();
            async move {
                let mut byte = [0; 1];
                poll_fn(|cx| ours.poll_io(cx, Direction::Read, |mut io| io.read(&mut byte)))
                    .await
                    .unwrap();
            }
        });
        for _ in 0..4 {
            yield_now().await;
        }
        theirs.write_all(b"xy").unwrap();
        poll.await.unwrap();
        wait.await.unwrap();
    });
}

fn waiting_for_both_directions_ends_with_either() {
    run(async {
        let (ours, mut theirs) = pair();
        while ours.try_io(Interest::WRITABLE, |mut io| io.write(&[0; 65536])).is_ok() {}
        let _ = ours.try_io(Interest::READABLE, |mut io| io.read(&mut [0; 1]));
        let both = Interest::READABLE | Interest::WRITABLE;
        let wait = runtime_core::spawn({
            let ours = ours.clone();
            async move { ours.ready(both).await.unwrap() }
        });
        yield_now().await;
        theirs.write_all(b"x").unwrap();
        let ready = wait.await.unwrap();
        assert!(ready.is_readable() && !ready.is_writable(), "{ready:?}");
    });
}
