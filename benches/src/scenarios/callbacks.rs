//! What does a callback cost: queued on the loop, sent from another thread, or armed and cancelled?

use std::{
    future::poll_fn,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use super::Scenario;
use crate::{
    leaf::wake_self_once,
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// A runtime that has callbacks besides tasks.
pub(crate) trait Callbacks: Peer {
    /// What another thread sends callbacks with.
    type Remote: Send + 'static;

    /// Queues a callback from inside `block_on`.
    fn call_soon(function: impl FnOnce() + 'static);

    /// Arms a callback and returns what cancels it.
    fn call_later(delay: Duration, function: impl FnOnce() + 'static) -> impl FnOnce();

    /// The loop that this is called on, for another thread.
    fn remote() -> Self::Remote;

    /// Sends a callback from another thread.
    fn send(remote: &Self::Remote, function: impl FnOnce() + Send + 'static);
}

/// Finds a scenario of this file.
pub(crate) fn find<P: Callbacks>(name: &str) -> Option<Scenario> {
    Some(Scenario::Timed(match name {
        "call-soon" => batches::<P>,
        "call-soon-chain" => chain::<P>,
        "call-later-cancel" => later_and_cancel::<P>,
        "call-soon-threadsafe" => from_another_thread::<P>,
        _ => return None,
    }))
}

/// Counts callbacks that have run, and wakes whoever waits for the last one.
struct Gate {
    /// Changed by the loop's thread alone; atomic only to let callbacks be `Send`.
    left: AtomicU64,
    waiter: Mutex<Option<Waker>>,
}

impl Gate {
    /// A gate for the rest of the process, so that a callback weighs a pointer and no more.
    fn new() -> &'static Self {
        Box::leak(Box::new(Self { left: AtomicU64::new(0), waiter: Mutex::new(None) }))
    }

    /// Expects so many callbacks.
    fn expect(&self, count: u64) {
        self.left.store(count, Ordering::Relaxed);
    }

    /// Is called by a callback, and says how many are left.
    #[inline]
    fn pass(&self) -> u64 {
        let left = self.left.load(Ordering::Relaxed) - 1;
        self.left.store(left, Ordering::Relaxed);
        if left == 0 {
            self.open();
        }
        left
    }

    #[cold]
    #[inline(never)]
    fn open(&self) {
        let waiter = self.waiter.lock().unwrap().take();
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    /// Waits for the last callback.
    async fn wait(&self) {
        poll_fn(|cx| {
            if self.left.load(Ordering::Relaxed) == 0 {
                return Poll::Ready(());
            }
            *self.waiter.lock().unwrap() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// A thousand callbacks are queued, then run.
fn batches<P: Callbacks>(plan: Plan) -> Metrics {
    const AT_ONCE: u64 = 1_000;
    let mut peer = P::new();
    let gate = Gate::new();
    plan.time(AT_ONCE, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops / AT_ONCE {
                gate.expect(AT_ONCE);
                for _ in 0..AT_ONCE {
                    P::call_soon(|| _ = gate.pass());
                }
                gate.wait().await;
            }
        }))
    })
}

/// Each callback queues the next one.
fn chain<P: Callbacks>(plan: Plan) -> Metrics {
    fn link<P: Callbacks>(gate: &'static Gate) {
        if gate.pass() != 0 {
            P::call_soon(move || link::<P>(gate));
        }
    }
    let mut peer = P::new();
    let gate = Gate::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            gate.expect(ops);
            P::call_soon(move || link::<P>(gate));
            gate.wait().await;
        }))
    })
}

/// A callback is armed for half a minute later, then cancelled.
fn later_and_cancel<P: Callbacks>(plan: Plan) -> Metrics {
    /// As many as the loop may see in one turn, as with the timers of tasks.
    const A_TURN: u64 = 100;
    let mut peer = P::new();
    let gate = Gate::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            gate.expect(u64::MAX);
            for i in 0..ops {
                let cancel = P::call_later(Duration::from_secs(30), || _ = gate.pass());
                cancel();
                if i % A_TURN == 0 {
                    wake_self_once().await;
                }
            }
            assert_eq!(gate.left.load(Ordering::Relaxed), u64::MAX, "a cancelled timer fired");
        }))
    })
}

/// Another thread sends callbacks, as fast as it can.
fn from_another_thread<P: Callbacks>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    let gate = Gate::new();
    plan.time(1_000, |ops| {
        peer.block_on(async {
            gate.expect(ops);
            let remote = P::remote();
            let start = Instant::now();
            let other = thread::spawn(move || {
                for _ in 0..ops {
                    P::send(&remote, || _ = gate.pass());
                }
            });
            gate.wait().await;
            let took = start.elapsed();
            other.join().expect("the other thread only sends");
            took
        })
    })
}
