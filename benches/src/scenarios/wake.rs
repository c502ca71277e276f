//! What does it cost to wake a task on its own thread?

use std::time::Instant;

use crate::{
    leaf::wake_self,
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// One task that wakes itself over and over.
pub(crate) fn self_wake<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| peer.block_on(async { P::spawn(timed(wake_self(ops))).await }))
}

/// One task that calls the runtime's own `yield_now`.
pub(crate) fn yield_now<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(async {
            P::spawn(async move {
                let start = Instant::now();
                for _ in 0..ops {
                    P::yield_now().await;
                }
                start.elapsed()
            })
            .await
        })
    })
}

/// A thousand tasks that wake themselves in turn.
pub(crate) fn thousand_yielding<P: Peer>(plan: Plan) -> Metrics {
    const TASKS: u64 = 1_000;
    let mut peer = P::new();
    plan.time(TASKS, |ops| {
        peer.block_on(timed(async {
            let joins: Vec<_> = (0..TASKS).map(|_| P::spawn(wake_self(ops / TASKS))).collect();
            for join in joins {
                join.await;
            }
        }))
    })
}
