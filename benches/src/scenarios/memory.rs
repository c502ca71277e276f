//! What does something that only waits weigh?
//!
//! Needs the counting allocator of the `memory` program.

use std::{future::pending, pin::Pin};

use super::{Done, timers::arm};
use crate::{
    alloc, clock::resident, leaf::wake_self_once, peer::Peer, plan::Plan, report::Metrics, tcp,
};

/// Parked tasks of an empty future.
pub(crate) fn empty_task<P: Peer>(plan: Plan) -> Metrics {
    tasks::<P, _>(plan, pending)
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

fn tasks<P: Peer, F: Future<Output = ()> + 'static>(
    plan: Plan,
    mut future: impl FnMut() -> F,
) -> Metrics {
    /// Tasks that pay for what all will share.
    const FIRST: u64 = 100;
    let count = plan.size(100_000);
    let mut peer = P::new();
    let metrics = peer.block_on(async {
        // The handles are kept, for some peers drop a task that nothing can wake. Their place is the user's,
        // and is written to beforehand.
        let mut joins = Vec::new();
        joins.resize_with((FIRST + count) as usize, || None);
        let mut spawn = async |place: std::ops::Range<u64>| {
            for place in place {
                joins[place as usize] = Some(P::spawn(future()));
            }
            // Twice round the queue: each of them has been polled and is parked.
            P::spawn(wake_self_once()).await;
            P::spawn(wake_self_once()).await;
        };
        spawn(0..FIRST).await;
        let scale = Scale::new();
        spawn(FIRST..FIRST + count).await;
        let metrics = scale.read(count);
        std::mem::forget(joins);
        metrics
    });
    // The tasks never end; the process does.
    std::mem::forget(peer);
    metrics
}

/// Armed timers, each polled once in a box of its own; the box is counted.
pub(crate) fn armed_timer<P: Peer>(plan: Plan) -> Metrics {
    let count = plan.size(100_000);
    let mut peer = P::new();
    let metrics = peer.block_on(async {
        let mut timers = Vec::with_capacity(count as usize + 1_000);
        timers.extend(arm::<P>(1_000).await);
        let scale = Scale::new();
        while timers.len() < count as usize + 1_000 {
            timers.extend(arm::<P>(1_000).await);
        }
        let metrics = scale.read(count);
        std::mem::forget(timers);
        metrics
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
    let count = plan.size(4_000);
    let weigh = move |open: &mut dyn FnMut()| {
        let scale = Scale::new();
        open();
        scale.read(count).plus("bytes", -(BUFFER as f64))
    };
    tcp::idle_connections(count, BUFFER, P::serve, weigh, done)
}
