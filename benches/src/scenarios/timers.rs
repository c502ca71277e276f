//! What does a timer cost?

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::{Duration, Instant},
};

use crate::{
    clock::Cpu, leaf::wake_self_once, peer::Peer, plan::Plan, random::Random, report::Metrics,
};

/// Sleeps polled before the task lets others run: fewer than any runtime's cooperative budget, which would
/// otherwise answer in the timer's place.
const A_TURN: u64 = 100;

/// A 30 s sleep is armed, polled and dropped, as a timeout that did not strike.
pub(crate) fn arm_and_drop<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| peer.block_on(async { P::spawn(arm_poll_drop::<P>(ops)).await }))
}

/// The same with 100,000 others armed.
pub(crate) fn arm_among_100k<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    let others = peer.block_on(async {
        let mut others = Vec::new();
        for _ in 0..100 {
            others.push(arm::<P>(1_000).await);
        }
        others
    });
    let metrics =
        plan.time(1, |ops| peer.block_on(async { P::spawn(arm_poll_drop::<P>(ops)).await }));
    // Some peers cannot drop a timer outside their loop; the process is about to end in any case.
    std::mem::forget(others);
    std::mem::forget(peer);
    metrics
}

async fn arm_poll_drop<P: Peer>(ops: u64) -> Duration {
    let start = Instant::now();
    for i in 0..ops {
        poll_fn(|cx| {
            let sleep = pin!(P::sleep(Duration::from_secs(30)));
            assert!(sleep.poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        if i % A_TURN == 0 {
            wake_self_once().await;
        }
    }
    start.elapsed()
}

/// Arms sleeps of 60 to 660 s and hands them over. In a task of its own, for glommio counts the wakers of a
/// task in 16 bits.
pub(crate) async fn arm<P: Peer>(count: u64) -> Vec<Pin<Box<impl Future<Output = ()>>>> {
    P::spawn(async move {
        let mut random = Random::new();
        let mut armed = Vec::with_capacity(count as usize);
        for i in 0..count {
            let duration = Duration::from_secs(60) + random.up_to(Duration::from_secs(600));
            let mut sleep = Box::pin(P::sleep(duration));
            assert!(poll_fn(|cx| Poll::Ready(sleep.as_mut().poll(cx))).await.is_pending());
            armed.push(sleep);
            if i % A_TURN == 0 {
                wake_self_once().await;
            }
        }
        armed
    })
    .await
}

/// Tasks that sleep 0 to 200 ms and end: CPU time each, since the waiting itself is the point.
pub(crate) fn many_sleeps<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    let mut random = Random::new();
    plan.time_fixed(100_000, |ops| {
        let before = Cpu::now();
        peer.block_on(async {
            let mut joins = Vec::with_capacity(ops as usize);
            for _ in 0..ops {
                let sleep = P::sleep(random.up_to(Duration::from_millis(200)));
                joins.push(P::spawn(sleep));
            }
            for join in joins {
                join.await;
            }
        });
        Cpu::now().since(before).total()
    })
}
