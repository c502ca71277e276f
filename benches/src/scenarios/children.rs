//! What does it cost to run a child process and to wait for it, and how long does a signal take to arrive?

use std::{
    future::Future,
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::Stdio,
    time::Instant,
};

use super::Scenario;
use crate::{
    clock,
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// A runtime that has child processes and signals.
pub(crate) trait Children: Peer {
    /// What hears of `SIGUSR1`.
    type Signals: 'static;

    /// Starts a program at once, from inside `block_on`; the future is that of its end.
    fn start(program: &'static str, stdin: Stdio) -> impl Future<Output = ()> + 'static;

    /// Begins to listen to `SIGUSR1`.
    fn listen() -> Self::Signals;

    /// Calls `send`, which sends a signal, and waits for that.
    fn round_trip(signals: &mut Self::Signals, send: fn()) -> impl Future<Output = ()>;
}

/// Finds a scenario of this file.
pub(crate) fn find<P: Children>(name: &str) -> Option<Scenario> {
    Some(Scenario::Timed(match name {
        "child-spawn-wait" => one_after_the_other::<P>,
        "child-1000" => thousand_at_once::<P>,
        "signal-round-trip" => round_trip::<P>,
        _ => return None,
    }))
}

/// A program that does nothing is started, and waited for, from the root future.
fn one_after_the_other<P: Children>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops {
                P::start("/bin/true", Stdio::null()).await;
            }
        }))
    })
}

/// Children that run at the same time, and end at the same moment, which is when their input does.
fn thousand_at_once<P: Children>(plan: Plan) -> Metrics {
    clock::raise_file_limit();
    let mut peer = P::new();
    plan.time_fixed(1_000, |ops| {
        let start = Instant::now();
        let (input, end_of_input) = UnixStream::pair().expect("there are descriptors");
        peer.block_on(async {
            let waits: Vec<_> =
                (0..ops).map(|_| P::spawn(P::start("/bin/cat", share(&input)))).collect();
            drop(end_of_input);
            for wait in waits {
                wait.await;
            }
        });
        start.elapsed()
    })
}

fn share(input: &UnixStream) -> Stdio {
    OwnedFd::from(input.try_clone().expect("there are descriptors")).into()
}

/// A signal to this very process, and the wait for it.
fn round_trip<P: Children>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    let mut signals = peer.block_on(async { P::listen() });
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            for _ in 0..ops {
                P::round_trip(&mut signals, clock::send_signal).await;
            }
        }))
    })
}
