//! Signals that come faster than they can be told: some are told together, and the last is not lost.

#![cfg(unix)]

mod common;

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use common::selectors::{self, on_each_selector, run};
use common::sys::{disposition, is_pending, kill, raise};
use common::turn;
use runtime::signal::{SignalKind, on, signal};

on_each_selector!(
    the_last_of_many_signals_is_told,
    signals_that_find_no_room_are_told,
    a_callback_hears_the_last_of_many,
    listeners_come_and_go_in_a_storm,
    loops_come_and_go_in_a_storm,
);

const STORM: usize = 100_000;
const USR1: SignalKind = SignalKind::user_defined1();
const USR2: SignalKind = SignalKind::user_defined2();

/// Threads that send a storm. The count is raised before each signal.
fn storm(threads: usize) -> (Arc<AtomicUsize>, Vec<thread::JoinHandle<()>>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let threads = (0..threads).map(|_| {
        let sent = sent.clone();
        let share = STORM / threads;
        thread::spawn(move || {
            for number in 0..share {
                sent.fetch_add(1, Ordering::SeqCst);
                // By both ways of the system: to some thread, and to this one.
                if number % 2 == 0 { kill(USR1) } else { raise(USR1) }
            }
        })
    });
    let threads = threads.collect();
    (sent, threads)
}

/// Waits for the end of a storm: no signal is left that would find no listener, and end the tests.
fn finish(threads: Vec<thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().expect("no panic");
    }
    while is_pending(USR1) {
        thread::yield_now();
    }
}

fn the_last_of_many_signals_is_told() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut listener = signal(USR1)?;
        let (sent, threads) = storm(4);
        let mut told = 0;
        loop {
            assert_eq!(listener.recv().await, Some(()));
            told += 1;
            // A signal is told after it was sent, so there is one to come as long as some are unsent.
            if sent.load(Ordering::SeqCst) == STORM {
                break;
            }
        }
        assert!(told <= STORM);
        finish(threads);
        Ok(())
    })
}

fn signals_that_find_no_room_are_told() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut one = signal(USR1)?;
        let mut other = signal(USR2)?;
        let mut window = signal(SignalKind::window_change())?;
        // The loop does not turn meanwhile, and there is no room for that many.
        for _ in 0..STORM {
            raise(USR1);
        }
        raise(USR2);
        assert_eq!(other.recv().await, Some(()));
        assert_eq!(one.recv().await, Some(()));
        raise(SignalKind::window_change());
        assert_eq!(window.recv().await, Some(()));
        assert!(one.try_recv().is_none() && other.try_recv().is_none(), "they are not told twice");
        Ok(())
    })
}

fn a_callback_hears_the_last_of_many() -> io::Result<()> {
    let _turn = turn();
    run(async {
        // Before the storm, or its first signals end the tests.
        let _first = signal(USR1)?;
        let (sent, threads) = storm(2);
        let (done, is_done) = futures::channel::oneshot::channel();
        let mut done = Some(done);
        let calls = Rc::new(Cell::new(0));
        let _guard = on(USR1, {
            let calls = calls.clone();
            move || {
                calls.set(calls.get() + 1);
                if sent.load(Ordering::SeqCst) == STORM {
                    done.take().map(|done| done.send(()));
                }
            }
        })?;
        is_done.await.expect("the callback is there");
        assert!((1..=STORM).contains(&calls.get()));
        finish(threads);
        Ok(())
    })
}

fn listeners_come_and_go_in_a_storm() -> io::Result<()> {
    let _turn = turn();
    let before = disposition(USR1);
    run(async {
        let first = signal(USR1)?;
        let (_, threads) = storm(2);
        let stop = Arc::new(AtomicBool::new(false));
        let (send, receive) = std::sync::mpsc::channel();
        let dropper = thread::spawn(move || receive.into_iter().for_each(drop));
        let waiter = runtime::spawn({
            let stop = stop.clone();
            let mut listener = signal(USR1)?;
            async move {
                while !stop.load(Ordering::SeqCst) {
                    listener.recv().await.expect("the loop is open");
                }
            }
        });
        for round in 0..2000 {
            let listener = signal(USR1)?;
            let guard = on(USR1, || ())?;
            if round % 2 == 0 {
                drop(listener);
                send.send(Err(guard)).expect("the thread is there");
            } else {
                send.send(Ok(listener)).expect("the thread is there");
                drop(guard);
            }
            runtime::task::yield_now().await;
        }
        finish(threads);
        stop.store(true, Ordering::SeqCst);
        raise(USR1);
        waiter.await.expect("no panic");
        drop(send);
        dropper.join().expect("no panic");
        drop(first);
        io::Result::Ok(())
    })?;
    assert_eq!(disposition(USR1), before);
    Ok(())
}

fn loops_come_and_go_in_a_storm() -> io::Result<()> {
    let _turn = turn();
    let before = disposition(USR1);
    run(async {
        let first = signal(USR1)?;
        let (_, threads) = storm(1);
        let loops = (0..2).map(|_| {
            thread::spawn(|| {
                for _ in 0..50 {
                    runtime::run(async {
                        let mut listener = signal(USR1)?;
                        let _guard = on(USR1, || ())?;
                        raise(USR1);
                        assert_eq!(listener.recv().await, Some(()));
                        io::Result::Ok(())
                    })
                    .expect("it can be listened to");
                }
            })
        });
        let loops: Vec<_> = loops.collect();
        finish(threads.into_iter().chain(loops).collect());
        drop(first);
        io::Result::Ok(())
    })?;
    assert_eq!(disposition(USR1), before);
    Ok(())
}
