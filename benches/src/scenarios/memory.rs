//! What does something that only waits weigh?
//!
//! Needs the counting allocator of the `memory` program.

use std::{future::pending, pin::Pin, time::Duration};

use super::Done;
use crate::{
    alloc,
    clock::resident,
    leaf::{poll_once, wake_self_once},
    peer::Peer,
    plan::Plan,
    random::Random,
    report::Metrics,
    tcp,
};

/// Parked tasks of an empty future.
pub(crate) fn empty_task<P: Peer>(plan: Plan) -> Metrics {
    tasks::<P, _>(plan, || pending::<()>())
}

/// Parked tasks of a 128-byte future; the future is counted.
pub(crate) fn task_of_128_bytes<P: Peer>(plan: Plan) -> Metrics {
    /// Pending for ever, and 128 bytes big.
    struct Big([u64; 16]);
    impl Future for Big {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
            std::hint::black_box(&self.0);
            std::task::Poll::Pending
        }
    }
    tasks::<P, _>(plan, || Big([7; 16]))
}

fn tasks<P: Peer, F: Future + 'static>(plan: Plan, mut future: impl FnMut() -> F) -> Metrics {
    let count = plan.ops.unwrap_or(100_000);
    let mut peer = P::new();
    let metrics = peer.block_on(async {
        let mut spawn = async |count: u64| {
            for _ in 0..count {
                P::detach(P::spawn(future()));
            }
            // Twice round the queue: each of them has been polled and is parked.
            P::spawn(wake_self_once()).await;
            P::spawn(wake_self_once()).await;
        };
        spawn(100).await;
        let scale = Scale::new();
        spawn(count).await;
        scale.read(count)
    });
    // The tasks never end; the process does.
    std::mem::forget(peer);
    metrics
}

/// Armed timers, each polled once in a box of its own; the box is counted.
pub(crate) fn armed_timer<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    let count = plan.ops.unwrap_or(100_000);
    let metrics = peer.block_on(async {
        P::spawn(async move {
            let mut random = Random::new();
            let mut timers = Vec::with_capacity(count as usize + 100);
            let mut arm = async |count: u64| {
                for i in 0..count {
                    let duration = Duration::from_secs(60) + random.up_to(Duration::from_secs(600));
                    let mut sleep = Box::pin(P::sleep(duration));
                    assert!(poll_once(sleep.as_mut()).await.is_pending());
                    timers.push(sleep);
                    if i % 64 == 0 {
                        wake_self_once().await;
                    }
                }
            };
            arm(100).await;
            let scale = Scale::new();
            arm(count).await;
            wake_self_once().await;
            let metrics = scale.read(count);
            std::mem::forget(timers);
            metrics
        })
        .await
    });
    std::mem::forget(peer);
    metrics
}

/// The meters before the weight is put on.
pub(crate) struct Scale {
    bytes: u64,
    blocks: u64,
    resident: u64,
}

impl Scale {
    pub(crate) fn new() -> Self {
        let resident = resident();
        let (bytes, blocks) = alloc::live();
        Self { bytes, blocks, resident }
    }

    /// What one of `count` equal things weighs.
    pub(crate) fn read(&self, count: u64) -> Metrics {
        let (bytes, blocks) = alloc::live();
        let each = |now: u64, before: u64| (now as f64 - before as f64) / count as f64;
        Metrics::new()
            .with("bytes", each(bytes, self.bytes))
            .with("allocations", each(blocks, self.blocks))
            .with("resident", each(resident(), self.resident))
    }
}

/// Connections whose task waits in a read, without their buffers.
pub(crate) fn idle_connection<P: Peer>(plan: Plan, done: Done) -> ! {
    const BUFFER: usize = 1024;
    let count = plan.ops.unwrap_or(4_000);
    let weigh = move |open: &mut dyn FnMut()| {
        let scale = Scale::new();
        open();
        scale.read(count).plus("bytes", -(BUFFER as f64))
    };
    tcp::idle_connections(count, BUFFER, P::serve, weigh, done)
}
