//! The scenarios, by name. Each asks one question, of every runtime in the same words.

mod blocking;
pub(crate) mod callbacks;
pub(crate) mod cancel;
pub(crate) mod children;
mod lateness;
pub(crate) mod memory;
mod ping_pong;
pub(crate) mod sets;
mod spawn;
mod tcp;
mod timers;
mod udp;
mod unix;
mod wake;

use crate::{peer::Peer, plan::Plan, report::Metrics};

/// What a scenario is, once its runtime is chosen.
pub(crate) enum Scenario {
    /// Runs and returns its figures.
    Timed(fn(Plan) -> Metrics),
    /// Serves sockets until the process ends; hands over its figures just before.
    Served(fn(Plan, Done) -> !),
}

/// Takes the figures of a scenario that ends with its process.
pub(crate) type Done = Box<dyn FnOnce(Metrics) + Send>;

/// The scenarios of the `scenario` program.
pub(crate) const TIMED: &[&str] = &[
    "block-on-ready",
    "spawn-join-root",
    "spawn-join-task",
    "spawn-10k",
    "self-wake",
    "yield-now",
    "yield-1000",
    "ping-pong-cell",
    "ping-pong-mpsc",
    "ping-pong-oneshot",
    "join-all-1000",
    "chain",
    "join-set-1000",
    "task-group-1",
    "task-group-1000",
    "scope-1000",
    "spawn-blocking",
    "timer-arm-drop",
    "timer-among-100k",
    "timer-100k-sleeps",
    "timer-lateness",
    "wake-foreign",
    "call-soon",
    "call-soon-chain",
    "call-later-cancel",
    "call-soon-threadsafe",
    "cancel-abort",
    "cancel-deaf",
    "cancel-heard",
    "cancel-listening",
    "cancel-guarded",
    "cancel-shield",
    "cancel-timeout",
    "cancel-timeout-scope",
    "tcp-echo-1",
    "tcp-echo-64",
    "tcp-echo-1024",
    "tcp-echo-16k",
    "tcp-connect",
    "tcp-bulk",
    "unix-echo-1",
    "unix-echo-64",
    "udp-echo-64",
    "udp-echo-batches",
    "child-spawn-wait",
    "child-1000",
    "signal-round-trip",
];

/// The scenarios of the `memory` program.
pub(crate) const WEIGHED: &[&str] =
    &["memory-task", "memory-task-128", "memory-timer", "memory-connection"];

/// Finds a scenario for a runtime.
pub(crate) fn find<P: Peer>(name: &str) -> Option<Scenario> {
    Some(Scenario::Timed(match name {
        "block-on-ready" => spawn::block_on_ready::<P>,
        "spawn-join-root" => spawn::from_root::<P>,
        "spawn-join-task" => spawn::from_task::<P>,
        "spawn-10k" => spawn::ten_thousand::<P>,
        "self-wake" => wake::self_wake::<P>,
        "yield-now" => wake::yield_now::<P>,
        "yield-1000" => wake::thousand_yielding::<P>,
        "ping-pong-cell" => ping_pong::cell::<P>,
        "ping-pong-mpsc" => ping_pong::channel::<P>,
        "ping-pong-oneshot" => ping_pong::one_shot::<P>,
        "join-all-1000" => spawn::join_all_of_1000::<P>,
        "chain" => spawn::chain::<P>,
        "spawn-blocking" => blocking::round_trip::<P>,
        "timer-arm-drop" => timers::arm_and_drop::<P>,
        "timer-among-100k" => timers::arm_among_100k::<P>,
        "timer-100k-sleeps" => timers::many_sleeps::<P>,
        "timer-lateness" => lateness::of_a_sleep::<P>,
        "wake-foreign" => lateness::of_a_foreign_wake::<P>,
        _ => {
            let streams = || tcp::find::<P>(name).or_else(|| unix::find::<P>(name));
            let served = || streams().or_else(|| udp::find::<P>(name));
            let special =
                P::callbacks(name).or_else(|| P::children(name)).or_else(|| P::sets(name));
            return special.or_else(|| served().map(Scenario::Served));
        }
    }))
}

/// Finds a scenario of the `memory` program for a runtime.
pub(crate) fn find_weighed<P: Peer>(name: &str) -> Option<Scenario> {
    Some(match name {
        "memory-task" => Scenario::Timed(memory::empty_task::<P>),
        "memory-task-128" => Scenario::Timed(memory::task_of_128_bytes::<P>),
        "memory-timer" => Scenario::Timed(memory::armed_timer::<P>),
        "memory-connection" => Scenario::Served(memory::idle_connection::<P>),
        _ => return None,
    })
}
