//! Wakes from other threads against a loop that goes to sleep: not one may be lost.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::thread;

use futures::task::AtomicWaker;
use runtime::{Builder, Runtime};

use crate::scaled;

/// A bell that other threads ring, and what they wrote before they did.
#[derive(Default)]
struct Bell {
    waker: AtomicWaker,
    rung: AtomicBool,
    /// Written before the wake, without any ordering of its own.
    note: AtomicU64,
    answer: AtomicU64,
}

impl Bell {
    /// Waits to be rung `rounds` times, answering each.
    async fn answer(self: Arc<Bell>, rounds: u64) {
        for round in 1..=rounds {
            poll_fn(|context| {
                self.waker.register(context.waker());
                if self.rung.swap(false, Ordering::AcqRel) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            assert_eq!(self.note.load(Ordering::Relaxed), round);
            self.answer.store(round, Ordering::Release);
        }
    }

    fn ring(&self, rounds: u64) {
        for round in 1..=rounds {
            self.note.store(round, Ordering::Relaxed);
            self.rung.store(true, Ordering::Release);
            self.waker.wake();
            while self.answer.load(Ordering::Acquire) < round {
                thread::yield_now();
            }
        }
    }
}

fn ring_often(rt: Runtime, ringers: usize, rounds: u64) {
    let mut threads = Vec::new();
    let mut tasks = Vec::new();
    for _ in 0..ringers {
        let bell = Arc::new(Bell::default());
        tasks.push(rt.spawn(bell.clone().answer(rounds)));
        threads.push(thread::spawn(move || bell.ring(rounds)));
    }
    rt.block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_loop_that_sleeps_at_once_misses_no_wake() {
    ring_often(Builder::new().spin(None).build().unwrap(), 2, scaled(100_000));
}

#[test]
fn a_loop_that_spins_first_misses_no_wake() {
    ring_often(Runtime::new().unwrap(), 3, scaled(100_000));
}
