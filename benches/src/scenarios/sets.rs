//! What does a child cost, of a set of tasks, a group, or a scope? A runtime has them or not, and each has its
//! own; what is the same is how often.

use crate::{
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// Starts a thousand children and waits for them, again and again.
pub(crate) fn thousand<P: Peer>(plan: Plan, children: impl AsyncFn(u64)) -> Metrics {
    repeatedly::<P>(plan, 1_000, children)
}

/// Starts so many children and waits for them, again and again.
pub(crate) fn repeatedly<P: Peer>(
    plan: Plan,
    at_once: u64,
    children: impl AsyncFn(u64),
) -> Metrics {
    let mut peer = P::new();
    plan.time(at_once, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops / at_once {
                children(at_once).await;
            }
        }))
    })
}
