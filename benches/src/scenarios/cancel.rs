//! What does it cost to end a task, and to listen for that?

use std::{
    future::{Future, pending, poll_fn},
    hint::black_box,
    pin::Pin,
    time::Duration,
};

use runtime::{
    task::{JoinError, JoinHandle, cancelled, run_until_cancelled, shield, yield_now},
    time::{TimeoutScope, timeout},
};

use super::Scenario;
use crate::{
    leaf::wake_self,
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// Finds a scenario of this file; they are ours alone.
pub(crate) fn find<P: Peer>(name: &str) -> Option<Scenario> {
    Some(Scenario::Timed(match name {
        "cancel-abort" => abort::<P>,
        "cancel-deaf" => deaf::<P>,
        "cancel-heard" => heard::<P>,
        "cancel-listening" => listening::<P>,
        "cancel-guarded" => guarded::<P>,
        "cancel-shield" => shielded::<P>,
        "cancel-timeout" => under_timeout::<P>,
        "cancel-timeout-scope" => under_scope::<P>,
        _ => return None,
    }))
}

/// Starts a task, lets it wait, has it ended, and joins it.
fn end_each<P: Peer, F: Future<Output = ()> + 'static>(
    plan: Plan,
    task: fn() -> F,
    end: fn(&JoinHandle<()>),
) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops {
                let join = runtime::spawn(task());
                yield_now().await;
                end(&join);
                let outcome: Result<(), JoinError> = join.await;
                let _ = black_box(outcome);
            }
        }))
    })
}

/// By an abort, for comparison.
fn abort<P: Peer>(plan: Plan) -> Metrics {
    end_each::<P, _>(plan, pending::<()>, |join| join.abort())
}

/// By a request to a task that does not listen.
fn deaf<P: Peer>(plan: Plan) -> Metrics {
    end_each::<P, _>(plan, pending::<()>, |join| assert!(join.cancel("measured")))
}

/// By a request to a task that does.
fn heard<P: Peer>(plan: Plan) -> Metrics {
    let task = || async { drop(black_box(cancelled().await)) };
    end_each::<P, _>(plan, task, |join| assert!(join.cancel("measured")))
}

/// Polls in a task with something that is to be polled beside what wakes it.
async fn poll_beside(ops: u64, mut other: Pin<&mut impl Future>) {
    let mut wakes = std::pin::pin!(wake_self(ops));
    poll_fn(|cx| {
        assert!(other.as_mut().poll(cx).is_pending());
        wakes.as_mut().poll(cx)
    })
    .await;
}

/// Listening: each poll of a task that does.
fn listening<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            let task = async move { poll_beside(ops, std::pin::pin!(cancelled())).await };
            runtime::spawn(task).await.expect("nobody ends it");
        }))
    })
}

/// Each poll of a task that runs something until it is cancelled.
fn guarded<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            let task = async move { run_until_cancelled(wake_self(ops)).await };
            runtime::spawn(task).await.expect("nobody ends it").expect("nor asks it");
        }))
    })
}

/// Waiting behind a shield.
fn shielded<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            for i in 0..ops {
                assert_eq!(shield(async move { black_box(i) }).await.expect("it ends"), i);
            }
        }))
    })
}

const LONG: Duration = Duration::from_secs(30);

/// One suspension under a time limit.
fn under_timeout<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops {
                timeout(LONG, wake_self(1)).await.expect("it is in time");
            }
        }))
    })
}

/// One suspension under a limit that may be moved.
fn under_scope<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops {
                TimeoutScope::after(LONG).run(wake_self(1)).await.expect("it is in time");
            }
        }))
    })
}
