//! What does a trip to a helper thread and back cost?

use std::hint::black_box;

use crate::{
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// One `spawn_blocking` after the other, from the root future.
pub(crate) fn round_trip<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            for i in 0..ops {
                assert_eq!(P::spawn_blocking(move || black_box(i)).await, i);
            }
        }))
    })
}
