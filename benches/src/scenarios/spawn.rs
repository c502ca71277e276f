//! What does it cost to start a task and to wait for it?

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use futures::future::join_all;

use crate::{
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// `block_on` of a future that is ready.
pub(crate) fn block_on_ready<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        let start = Instant::now();
        for i in 0..ops {
            black_box(peer.block_on(async move { black_box(i) }));
        }
        start.elapsed()
    })
}

/// Spawn and join, one after the other, from the root future.
pub(crate) fn from_root<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| peer.block_on(spawn_and_join::<P>(ops)))
}

/// The same from inside a task.
pub(crate) fn from_task<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| peer.block_on(async { P::spawn(spawn_and_join::<P>(ops)).await }))
}

async fn spawn_and_join<P: Peer>(ops: u64) -> Duration {
    let start = Instant::now();
    for i in 0..ops {
        assert_eq!(P::spawn(async move { black_box(i) }).await, i);
    }
    start.elapsed()
}

/// Ten thousand spawns, then as many joins.
pub(crate) fn ten_thousand<P: Peer>(plan: Plan) -> Metrics {
    const AT_ONCE: u64 = 10_000;
    let mut peer = P::new();
    plan.time(AT_ONCE, |ops| {
        peer.block_on(timed(async {
            let mut joins = Vec::with_capacity(AT_ONCE as usize);
            for _ in 0..ops / AT_ONCE {
                joins.extend((0..AT_ONCE).map(|i| P::spawn(async move { black_box(i) })));
                for join in joins.drain(..) {
                    black_box(join.await);
                }
            }
        }))
    })
}

/// futures' `join_all` of a thousand tasks.
pub(crate) fn join_all_of_1000<P: Peer>(plan: Plan) -> Metrics {
    const AT_ONCE: u64 = 1_000;
    let mut peer = P::new();
    plan.time(AT_ONCE, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops / AT_ONCE {
                black_box(
                    join_all((0..AT_ONCE).map(|i| P::spawn(async move { black_box(i) }))).await,
                );
            }
        }))
    })
}

/// Each task spawns the next and waits for it, a thousand deep.
pub(crate) fn chain<P: Peer>(plan: Plan) -> Metrics {
    const DEPTH: u64 = 1_000;
    let mut peer = P::new();
    plan.time(DEPTH, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops / DEPTH {
                assert_eq!(link::<P>(DEPTH).await, DEPTH);
            }
        }))
    })
}

fn link<P: Peer>(left: u64) -> P::Join<u64> {
    P::spawn(async move { if left == 1 { 1 } else { link::<P>(left - 1).await + 1 } })
}
