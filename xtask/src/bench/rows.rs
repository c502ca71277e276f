//! The rows of the tables: which figure of which scenario, and what ours has to reach.

use super::python::LOOPS;
use crate::Result;

/// One line of a table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) table: Table,
    /// The scenario's name, as the programs know it.
    pub(crate) scenario: &'static str,
    /// The figure's name in the scenario's record.
    pub(crate) metric: &'static str,
    /// What a reader calls it.
    pub(crate) title: &'static str,
    pub(crate) target: Target,
}

/// The tables, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Executor,
    Callbacks,
    Children,
    Cpu,
    SystemCalls,
    Traffic,
    Latency,
    Memory,
    Instructions,
    /// Ours as it comes, and with a feature in use.
    Features,
    FeatureInstructions,
}

impl Table {
    /// Whether a runtime has a column: the loops of Python have a table of their own.
    pub(crate) fn shows(self, runtime: &str) -> bool {
        let python = LOOPS.contains(&runtime);
        match self {
            Self::Callbacks => python || matches!(runtime, "limit" | "ours"),
            Self::Features | Self::FeatureInstructions => runtime.starts_with("ours"),
            _ => !python,
        }
    }

    /// Whether the columns are compared with ours as it comes, and nothing is judged.
    pub(crate) fn is_of_features(self) -> bool {
        matches!(self, Self::Features | Self::FeatureInstructions)
    }

    /// The name of its place in the README.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Executor => "executor",
            Self::Callbacks => "callbacks",
            Self::Children => "children",
            Self::Cpu => "cpu",
            Self::SystemCalls => "system-calls",
            Self::Traffic => "traffic",
            Self::Latency => "latency",
            Self::Memory => "memory",
            Self::Instructions => "instructions",
            Self::Features => "features",
            Self::FeatureInstructions => "feature-instructions",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Executor => {
                "Executor and timers: nanoseconds an operation, unless the row says otherwise"
            }
            Self::Callbacks => "Callbacks, beside the loops of Python: nanoseconds an operation",
            Self::Children => "Child processes and signals: nanoseconds each",
            Self::Cpu => "Sockets on the loopback: CPU nanoseconds of the server a message",
            Self::SystemCalls => "Sockets on the loopback: system calls of the server a message",
            Self::Traffic => {
                "Sockets on the loopback, many clients that never sleep: messages a second, and \
                 microseconds a message"
            }
            Self::Latency => "One busy connection: messages a second, and microseconds a message",
            Self::Memory => "Memory of what only waits: bytes beyond the user's own",
            Self::Instructions => "User-space instructions an operation",
            Self::Features => {
                "A feature in use: nanoseconds an operation, and times ours as it comes"
            }
            Self::FeatureInstructions => {
                "A feature in use: user-space instructions an operation, and times ours as it comes"
            }
        }
    }
}

/// What ours has to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// So much where the limit stood at so much; scaled by the limit of this run.
    Scaled { ours: f64, limit: f64 },
    /// At most so many times the limit.
    TimesLimit(f64),
    /// At most so much, on every machine.
    AtMost(f64),
    /// As good as the best peer.
    BestPeer,
    /// A rate at least so many times tokio's.
    TimesTokio(f64),
    /// Shown, not judged.
    None,
}

impl Target {
    /// Whether more is better.
    pub(crate) fn is_rate(self) -> bool {
        matches!(self, Self::TimesTokio(_))
    }
}

/// Whether a scenario is shown in the table that has the loops of Python.
pub(crate) fn is_beside_python(scenario: &str) -> bool {
    TIMES.iter().any(|row| row.scenario == scenario && row.table == Table::Callbacks)
}

/// A row that is shown and not judged.
const fn shown(
    table: Table,
    scenario: &'static str,
    metric: &'static str,
    title: &'static str,
) -> Row {
    row(table, scenario, metric, title, Target::None)
}

const fn system_calls(scenario: &'static str, title: &'static str) -> Row {
    row(Table::SystemCalls, scenario, "system_calls", title, Target::TimesLimit(1.03))
}

const fn executor(scenario: &'static str, title: &'static str, ours: f64, limit: f64) -> Row {
    Row {
        table: Table::Executor,
        scenario,
        metric: "ns",
        title,
        target: Target::Scaled { ours, limit },
    }
}

const fn row(
    table: Table,
    scenario: &'static str,
    metric: &'static str,
    title: &'static str,
    target: Target,
) -> Row {
    Row { table, scenario, metric, title, target }
}

const fn callbacks(scenario: &'static str, title: &'static str, target: Target) -> Row {
    row(Table::Callbacks, scenario, "ns", title, target)
}

const fn children(scenario: &'static str, title: &'static str) -> Row {
    row(Table::Children, scenario, "ns", title, Target::BestPeer)
}

const fn instructions(scenario: &'static str, title: &'static str, at_most: f64) -> Row {
    row(Table::Instructions, scenario, "instructions", title, Target::AtMost(at_most))
}

const fn feature(scenario: &'static str, metric: &'static str, title: &'static str) -> Row {
    row(Table::Features, scenario, metric, title, Target::None)
}

const fn of_sets(scenario: &'static str, title: &'static str) -> Row {
    row(Table::Instructions, scenario, "instructions", title, Target::None)
}

const fn feature_instructions(scenario: &'static str, title: &'static str) -> Row {
    row(Table::FeatureInstructions, scenario, "instructions", title, Target::None)
}

/// What `cargo xtask bench` measures.
pub(crate) const TIMES: [Row; 80] = [
    executor("block-on-ready", "block_on(ready)", 5.0, 1.0),
    executor("spawn-join-root", "spawn + join, from block_on", 22.0, 16.0),
    executor("spawn-join-task", "spawn + join, inside a task", 26.0, 21.0),
    executor("spawn-10k", "spawn 10k, then join all", 34.0, 32.0),
    executor("self-wake", "self-wake, one task", 7.0, 5.0),
    executor("yield-now", "the runtime's yield_now", 7.0, 6.0),
    executor("yield-1000", "1,000 tasks yielding", 7.0, 5.0),
    executor("ping-pong-cell", "ping-pong, cell + waker", 24.0, 19.0),
    executor("ping-pong-mpsc", "ping-pong, futures mpsc", 215.0, 200.0),
    executor("ping-pong-oneshot", "ping-pong, a oneshot a trip", 220.0, 205.0),
    executor("join-all-1000", "join_all of 1,000", 250.0, 246.0),
    executor("chain", "chain, each spawns the next", 60.0, 68.0),
    row(Table::Executor, "spawn-blocking", "ns", "spawn_blocking round trip", Target::BestPeer),
    executor("timer-arm-drop", "arm, poll, drop a 30 s sleep", 50.0, 46.0),
    executor("timer-among-100k", "the same, 100k others armed", 50.0, 34.0),
    executor("timer-100k-sleeps", "100k sleeps of 0-200 ms, CPU each", 600.0, 385.0),
    row(
        Table::Executor,
        "timer-lateness",
        "p50_us",
        "lateness of a sleep, p50 us",
        Target::AtMost(90.0),
    ),
    row(
        Table::Executor,
        "timer-lateness",
        "p99_us",
        "lateness of a sleep, p99 us",
        Target::AtMost(190.0),
    ),
    row(
        Table::Executor,
        "wake-foreign",
        "p50_us",
        "wake from another thread, p50 us",
        Target::TimesLimit(1.03),
    ),
    callbacks("call-soon", "call_soon, 1,000 queued, then run", Target::AtMost(15.0)),
    callbacks("call-soon-chain", "call_soon, each queues the next", Target::AtMost(15.0)),
    callbacks("call-later-cancel", "call_later 30 s, then cancel", Target::AtMost(50.0)),
    callbacks("call-soon-threadsafe", "call_soon from another thread", Target::TimesLimit(1.2)),
    callbacks(
        "spawn-join-task",
        "spawn + join, inside a task",
        Target::Scaled { ours: 26.0, limit: 21.0 },
    ),
    row(
        Table::Callbacks,
        "tcp-echo-64",
        "cpu_ns",
        "TCP echo 64 B, 64 connections, CPU a message",
        Target::TimesLimit(1.03),
    ),
    children("child-spawn-wait", "spawn a child, wait for its end"),
    children("child-1000", "1,000 children at once, a child"),
    children("signal-round-trip", "a signal to this process, and back"),
    row(Table::Cpu, "tcp-echo-1", "cpu_ns", "echo 64 B, 1 connection", Target::TimesLimit(1.03)),
    row(Table::Cpu, "tcp-echo-64", "cpu_ns", "echo 64 B, 64 connections", Target::TimesLimit(1.03)),
    row(Table::Cpu, "tcp-echo-64", "user_ns", "the same, user part", Target::TimesLimit(1.4)),
    row(
        Table::Cpu,
        "tcp-echo-1024",
        "cpu_ns",
        "echo 64 B, 1,024 connections",
        Target::TimesLimit(1.03),
    ),
    row(
        Table::Cpu,
        "tcp-echo-16k",
        "cpu_ns",
        "echo 16 KiB, 64 connections",
        Target::TimesLimit(1.03),
    ),
    row(Table::Cpu, "tcp-connect", "cpu_ns", "connect + echo + close", Target::TimesLimit(1.03)),
    row(Table::Cpu, "tcp-bulk", "cpu_ns", "bulk receive, 64 KiB", Target::BestPeer),
    row(Table::Cpu, "unix-echo-1", "cpu_ns", "Unix echo 64 B, 1 client", Target::TimesLimit(1.03)),
    row(
        Table::Cpu,
        "unix-echo-64",
        "cpu_ns",
        "Unix echo 64 B, 64 clients",
        Target::TimesLimit(1.03),
    ),
    row(Table::Cpu, "udp-echo-64", "cpu_ns", "UDP echo 64 B, 64 clients", Target::TimesLimit(1.03)),
    row(
        Table::Cpu,
        "udp-echo-batches",
        "cpu_ns",
        "4 clients with 32 in flight, in batches; the limit one by one",
        Target::TimesLimit(0.6),
    ),
    system_calls("tcp-echo-1", "echo 64 B, 1 connection"),
    system_calls("tcp-echo-64", "echo 64 B, 64 connections"),
    system_calls("tcp-echo-1024", "echo 64 B, 1,024 connections"),
    system_calls("tcp-echo-16k", "echo 16 KiB, 64 connections"),
    system_calls("tcp-connect", "connect + echo + close"),
    system_calls("tcp-bulk", "bulk receive, 64 KiB"),
    system_calls("unix-echo-1", "Unix echo 64 B, 1 client"),
    system_calls("unix-echo-64", "Unix echo 64 B, 64 clients"),
    system_calls("udp-echo-64", "UDP echo 64 B, 64 clients"),
    shown(Table::SystemCalls, "udp-echo-batches", "system_calls", "the same in batches"),
    shown(Table::Traffic, "tcp-echo-64", "rate", "echo 64 B, 64 connections"),
    shown(Table::Traffic, "tcp-echo-64", "p50_us", "latency, p50"),
    shown(Table::Traffic, "tcp-echo-64", "p99_us", "latency, p99"),
    shown(Table::Traffic, "tcp-echo-64", "p999_us", "latency, p99.9"),
    shown(Table::Traffic, "tcp-echo-1024", "rate", "echo 64 B, 1,024 connections"),
    shown(Table::Traffic, "tcp-echo-1024", "p99_us", "latency, p99"),
    shown(Table::Traffic, "tcp-echo-16k", "rate", "echo 16 KiB, 64 connections"),
    shown(Table::Traffic, "tcp-echo-16k", "p99_us", "latency, p99"),
    shown(Table::Traffic, "tcp-connect", "rate", "connect + echo + close"),
    shown(Table::Traffic, "tcp-connect", "p99_us", "latency, p99"),
    shown(Table::Traffic, "tcp-bulk", "rate", "bulk receive, 64 KiB"),
    shown(Table::Traffic, "unix-echo-64", "rate", "Unix echo 64 B, 64 clients"),
    shown(Table::Traffic, "unix-echo-64", "p99_us", "latency, p99"),
    shown(Table::Traffic, "udp-echo-64", "rate", "UDP echo 64 B, 64 clients"),
    shown(Table::Traffic, "udp-echo-64", "p99_us", "latency, p99"),
    shown(Table::Traffic, "udp-echo-batches", "rate", "4 clients with 32 in flight, in batches"),
    shown(Table::Traffic, "udp-echo-batches", "p99_us", "latency, p99"),
    row(Table::Latency, "tcp-echo-1", "rate", "TCP, messages a second", Target::TimesTokio(3.5)),
    row(Table::Latency, "tcp-echo-1", "p50_us", "latency, p50", Target::BestPeer),
    row(Table::Latency, "tcp-echo-1", "p99_us", "latency, p99", Target::BestPeer),
    row(Table::Latency, "tcp-echo-1", "p999_us", "latency, p99.9", Target::None),
    row(Table::Latency, "unix-echo-1", "rate", "Unix, messages a second", Target::TimesTokio(3.5)),
    row(Table::Latency, "unix-echo-1", "p50_us", "latency, p50", Target::BestPeer),
    row(Table::Latency, "unix-echo-1", "p99_us", "latency, p99", Target::BestPeer),
    row(Table::Latency, "unix-echo-1", "p999_us", "latency, p99.9", Target::None),
    row(Table::Memory, "memory-task", "bytes", "parked task, empty future", Target::AtMost(96.0)),
    row(Table::Memory, "memory-task", "resident", "the same, resident", Target::AtMost(112.0)),
    row(
        Table::Memory,
        "memory-task-128",
        "bytes",
        "parked task with its 128-byte future",
        Target::AtMost(224.0),
    ),
    row(Table::Memory, "memory-connection", "bytes", "idle connection", Target::AtMost(300.0)),
    row(
        Table::Memory,
        "memory-connection",
        "allocations",
        "allocations of a connection",
        Target::AtMost(2.0),
    ),
    row(Table::Memory, "memory-timer", "bytes", "armed sleep in a box", Target::None),
];

/// What `cargo xtask instructions` counts.
pub(crate) const INSTRUCTIONS: [Row; 23] = [
    instructions("block-on-ready", "block_on(ready)", 30.0),
    instructions("spawn-join-root", "spawn + join, from block_on", 300.0),
    instructions("spawn-join-task", "spawn + join, inside a task", 320.0),
    instructions("spawn-10k", "spawn 10k, then join all", 340.0),
    instructions("self-wake", "self-wake, one task", 80.0),
    instructions("yield-now", "the runtime's yield_now", 80.0),
    instructions("yield-1000", "1,000 tasks yielding", 75.0),
    instructions("ping-pong-cell", "ping-pong, cell + waker", 265.0),
    instructions("ping-pong-mpsc", "ping-pong, futures mpsc", 1180.0),
    instructions("ping-pong-oneshot", "ping-pong, a oneshot a trip", 590.0),
    instructions("join-all-1000", "join_all of 1,000", 1100.0),
    instructions("chain", "chain, each spawns the next", 580.0),
    of_sets("join-set-1000", "JoinSet of 1,000, a task"),
    of_sets("task-group-1", "TaskGroup with one child"),
    of_sets("task-group-1000", "TaskGroup of 1,000, a child"),
    of_sets("scope-1000", "scope of 1,000, a child"),
    instructions("timer-arm-drop", "arm, poll, drop a 30 s sleep", 170.0),
    instructions("timer-among-100k", "the same, 100k others armed", 180.0),
    instructions("timer-100k-sleeps", "100k sleeps of 0-200 ms", 900.0),
    instructions("call-soon", "call_soon, 1,000 queued, then run", 100.0),
    instructions("call-soon-chain", "call_soon, each queues the next", 100.0),
    instructions("call-later-cancel", "call_later 30 s, then cancel", 280.0),
    instructions("tcp-echo-64", "TCP echo 64 B, 64 connections, a message", 350.0),
];

/// What `cargo xtask bench --features-cost` measures.
pub(crate) const FEATURE_TIMES: [Row; 17] = [
    feature("spawn-join-task", "ns", "spawn + join, inside a task"),
    feature("self-wake", "ns", "self-wake, one task"),
    feature("ping-pong-cell", "ns", "ping-pong, cell + waker"),
    feature("timer-arm-drop", "ns", "arm, poll, drop a 30 s sleep"),
    feature("call-soon", "ns", "call_soon, 1,000 queued, then run"),
    feature("call-later-cancel", "ns", "call_later 30 s, then cancel"),
    feature("tcp-echo-1", "cpu_ns", "TCP echo 64 B, 1 connection, CPU a message"),
    feature("tcp-echo-64", "cpu_ns", "TCP echo 64 B, 64 connections, CPU a message"),
    feature("tcp-echo-1024", "cpu_ns", "TCP echo 64 B, 1,024 connections, CPU a message"),
    feature("cancel-abort", "ns", "spawn, first poll, abort, join"),
    feature("cancel-deaf", "ns", "the same, cancel of one that does not listen"),
    feature("cancel-heard", "ns", "the same, cancel of one that does"),
    feature("cancel-listening", "ns", "a poll of a task that listens"),
    feature("cancel-guarded", "ns", "the same, by run_until_cancelled"),
    feature("cancel-shield", "ns", "shield, awaited"),
    feature("cancel-timeout", "ns", "a suspension under timeout"),
    feature("cancel-timeout-scope", "ns", "the same under a TimeoutScope"),
];

/// What `cargo xtask instructions --features-cost` counts.
pub(crate) const FEATURE_INSTRUCTIONS: [Row; 15] = [
    feature_instructions("spawn-join-task", "spawn + join, inside a task"),
    feature_instructions("self-wake", "self-wake, one task"),
    feature_instructions("ping-pong-cell", "ping-pong, cell + waker"),
    feature_instructions("timer-arm-drop", "arm, poll, drop a 30 s sleep"),
    feature_instructions("call-soon", "call_soon, 1,000 queued, then run"),
    feature_instructions("call-later-cancel", "call_later 30 s, then cancel"),
    feature_instructions("tcp-echo-64", "TCP echo 64 B, 64 connections, a message"),
    feature_instructions("cancel-abort", "spawn, first poll, abort, join"),
    feature_instructions("cancel-deaf", "the same, cancel of one that does not listen"),
    feature_instructions("cancel-heard", "the same, cancel of one that does"),
    feature_instructions("cancel-listening", "a poll of a task that listens"),
    feature_instructions("cancel-guarded", "the same, by run_until_cancelled"),
    feature_instructions("cancel-shield", "shield, awaited"),
    feature_instructions("cancel-timeout", "a suspension under timeout"),
    feature_instructions("cancel-timeout-scope", "the same under a TimeoutScope"),
];

/// Whether a runtime of the Rust programs takes part in a scenario: ours without its spin only where it
/// waits for something, the peers only where there are tasks.
pub(crate) fn applies(scenario: &str, runtime: &str) -> bool {
    match runtime {
        // What the others have no word for.
        _ if scenario.starts_with("cancel-") => runtime == "ours",
        "limit" => !is_of_sets(scenario),
        "ours" => true,
        "ours-nospin" => has_sockets(scenario),
        "ours+protocol" | "ours+server" => scenario.starts_with("tcp-"),
        _ if runtime.starts_with("ours+") => true,
        "tokio" | "tokio-local" if scenario == "join-set-1000" => true,
        _ if is_of_sets(scenario) => false,
        // They have neither processes nor signals.
        "monoio" | "monoio-uring" | "glommio" if is_of_children(scenario) => false,
        // It takes over no UDP socket and no listener for Unix sockets.
        "glommio" if has_sockets(scenario) => scenario.starts_with("tcp-"),
        _ => !scenario.starts_with("call-") && scenario != "udp-echo-batches",
    }
}

/// Whether a scenario is about sets, groups or scopes, which few runtimes have.
fn is_of_sets(scenario: &str) -> bool {
    ["join-set-", "task-group-", "scope-"].iter().any(|kind| scenario.starts_with(kind))
}

fn is_of_children(scenario: &str) -> bool {
    ["child-", "signal-"].iter().any(|kind| scenario.starts_with(kind))
}

/// Whether a load generator talks to the runtime.
pub(super) fn has_sockets(scenario: &str) -> bool {
    ["tcp-", "unix-", "udp-"].iter().any(|kind| scenario.starts_with(kind))
}

/// Whether a runtime is ours with another way to serve, which is a peer and not a feature that may be left
/// off.
pub(super) fn is_way_to_serve(runtime: &str) -> bool {
    matches!(runtime, "ours+protocol" | "ours+server")
}

/// The scenarios of some rows, once each, whose names contain one of some words.
pub(crate) fn wanted(rows: &[Row], words: &[String]) -> Result<Vec<&'static str>> {
    let mut scenarios = Vec::new();
    for row in rows {
        let asked =
            words.is_empty() || words.iter().any(|word| row.scenario.contains(word.as_str()));
        if asked && !scenarios.contains(&row.scenario) {
            scenarios.push(row.scenario);
        }
    }
    if scenarios.is_empty() {
        let all: Vec<_> = wanted(rows, &[])?;
        return Err(format!("no scenario contains {words:?}; there are {}", all.join(", ")).into());
    }
    Ok(scenarios)
}
