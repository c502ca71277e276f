//! What the loop tells the `tracing` crate: spans for tasks, which tokio-console shows, and a few warnings.
//!
//! This module is a page of documentation; there is nothing in it. What it describes comes with the feature
//! `tracing`, and needs nothing but a subscriber: the loop hears of one whenever it comes, on any thread, and
//! from then on gives each new task a span, if the subscriber wants that.
//!
//! # What is told
//!
//! | target | level | what |
//! |---|---|---|
//! | `runtime::task` | `TRACE` | a span `runtime.spawn` for each task (`kind` is `task`) and main future (`block_on`), entered for each poll |
//! | `runtime::task::blocking` | `TRACE` | such a span for each blocking job (`kind` is `blocking`), entered while it runs, on its thread |
//! | `runtime::waker` | `TRACE` | an event for whatever is done with a task's waker: `op` is `waker.clone`, `.drop`, `.wake` or `.wake_by_ref` |
//! | `runtime::time` | `TRACE` | a span `runtime.resource`, and in it `runtime.resource.async_op`, for each timer that a task waits for |
//! | `runtime::resource` | `TRACE` | events on them, under `::poll_op` and `::state_update`: how long a timer takes, whether it was ready |
//! | `runtime::exception` | `ERROR` | a failure that nobody asked after, unless an [exception handler](crate::Builder::exception_handler) is set |
//! | `runtime::slow` | `WARN` | what keeps the loop for too long: from [debug mode](crate::Builder::debug) and the [watchdog](crate::watchdog) |
//! | `runtime::debug` | `WARN` | what else debug mode finds wrong: unfinished tasks, guards out of order |
//! | `runtime::net` | `WARN` | a listener has to pause, for want of descriptors or memory |
//!
//! The last four go to the standard error stream as long as a program has no subscriber.
//!
//! The fields of a span are `kind`, `task.name` (if it has one), `task.id` (as [`task::id`](crate::task::id) has
//! it), `size.bytes` (of the future), and `loc.file`, `loc.line` and `loc.col`: where it was spawned. It ends with
//! the task, whoever still has a handle. Spans of tasks have no parents: a task may outlive the one that spawned
//! it. The task that waits for a blocking job has no span besides the job's. A task that was spawned before there
//! was a subscriber never gets one, and callbacks have none.
//!
//! # Events of tasks with a name to them
//!
//! Whatever a task logs is within its span, so a subscriber that prints tells which task it was:
//!
//! ```
//! use tracing::level_filters::LevelFilter;
//! use tracing_subscriber::filter::Targets;
//! use tracing_subscriber::prelude::*;
//!
//! let filter = Targets::new()
//!     .with_default(LevelFilter::INFO)
//!     .with_target("runtime::task", LevelFilter::TRACE);
//! tracing_subscriber::registry().with(tracing_subscriber::fmt::layer()).with(filter).init();
//!
//! runtime::run(async {
//!     let task = runtime::task::Builder::new().name("greeter");
//!     task.spawn(async { tracing::info!("hello") }).await
//! })
//! # .unwrap();
//! ```
//!
//! ```text
//! INFO runtime.spawn{kind=task task.name=greeter task.id=1 size.bytes=8 loc.file="src/main.rs" loc.line=14 loc.col=10}: app: hello
//! ```
//!
//! In the words of `EnvFilter` that is `RUST_LOG=info,runtime::task=trace`. Spans are wanted at the level `TRACE`
//! only, so the usual `info` or `debug` leaves them off, and costs nothing. Whoever logs all that there is
//! (`trace`) had better say `runtime::waker=off`, for those events are many, and for the console.
//!
//! # tokio-console
//!
//! The names and fields are those that the stock [tokio-console] and its `console-subscriber` know:
//!
//! ```toml
//! [dependencies]
//! console-subscriber = "0.5"
//! runtime = { version = "..", features = ["tracing"] }
//! ```
//!
//! ```toml
//! # .cargo/config.toml: what it watches is not tokio, which would have to be built with unstable features
//! [build]
//! rustflags = ["--cfg", "console_without_tokio_unstable"]
//! ```
//!
//! ```text
//! fn main() {
//!     // First of all, lest the main future be left out.
//!     console_subscriber::init();
//!     runtime::run(server());
//! }
//! ```
//!
//! That is the whole of it; `tokio-console` (`cargo install --locked tokio-console`) then shows the tasks of all loops
//! of the program. The server that it talks to, which brings tokio along, has a thread of its own, and is not on
//! the loop. This is the program in `examples/console`:
//!
//! ```text
//! connection: http://127.0.0.1:6677/ (CONNECTED)
//! views: t = tasks, r = resources
//! controls: select column (sort) = ←→ or h, l, scroll = ↑↓ or k, j, view details = ↵,
//! invert sort (highest/lowest) = i, scroll to top = gg, scroll to bottom = G, toggle pause = space, quit = q
//! ╭Warnings────────────────────────────────────────────────────────────────────────────────────────────────╮
//! │⚠ 1 tasks have woken themselves over 50% of the time                                                    │
//! │⚠ 1 tasks have lost their wakers                                                                        │
//! │⚠ 1 tasks are 1024 bytes or larger                                                                      │
//! ╰────────────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ╭Tasks (36) ▶ Running (0) ⏸ Idle (12)────────────────────────────────────────────────────────────────────╮
//! │Warn  ID  State  Name    Total▿ Busy   Sched  Idle   Polls Kind     Location                            │
//! │          ⏸                 11s   15ms    11s   32ms 209   block_on examples/console/src/main.rs:29:5   │
//! │        1 ⏸      ticker     11s   25ms   40ms    11s 219   task     examples/console/src/main.rs:33:5   │
//! │        2 ⏸      greedy     11s  366ms  859µs    11s 11    task     examples/console/src/main.rs:34:5   │
//! │⚠ 1     3 ⏸      fidget     11s    3ms   22ms    11s 318   task     examples/console/src/main.rs:35:5   │
//! │⚠ 1     4 ⏸      stuck      11s    4µs    0ns    11s 1     task     examples/console/src/main.rs:36:5   │
//! │        5 ⏸      hasher     11s    2ms   62ms    11s 22    task     examples/console/src/main.rs:37:5   │
//! │        6 ⏸      swarm      11s    2ms  447µs    11s 6     task     examples/console/src/main.rs:38:5   │
//! │        7 ⏸      server     11s  144µs    0ns    11s 1     task     examples/console/src/main.rs:41:5   │
//! │⚠ 1    13 ⏸      echo 12    11s    3ms    2ms    11s 105   task     examples/console/src/main.rs:113:41 │
//! │       33 ⏹                  2s   42µs   99µs     2s 2     task     examples/console/src/main.rs:94:18  │
//! │       28 ⏹                  2s   43µs   85µs     2s 2     task     examples/console/src/main.rs:94:18  │
//! │       23 ⏹                  2s   41µs   83µs     2s 2     task     examples/console/src/main.rs:94:18  │
//! │       27 ⏹                  1s   10µs   28µs     1s 2     task     examples/console/src/main.rs:94:18  │
//! ╰────────────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```
//!
//! | column | what it is here |
//! |---|---|
//! | Busy | in polls; for a blocking job, running on its thread |
//! | Sched | ready, and waiting for its turn; the main future's wakers tell nothing, so all its waiting counts as that |
//! | Idle | waiting to be woken |
//! | Polls | polls; for a blocking job, one |
//!
//! The page of a task (`↵`) adds how often it was woken, also by itself, and histograms. A task whose waker nobody has is
//! said to have lost it; one that waits by `std::future::pending`, as `stuck` does, has never had one. The view of
//! resources (`r`) has the timers that tasks wait for. What is seen are the timers that a poll has armed, so one that
//! follows upon another of the same task, as the next tick of an interval does, is the same resource. Timers of the
//! main future, and sockets, are not told of.
//!
//! # What it costs
//!
//! Without the feature, nothing. With it, and no subscriber that wants spans, hardly anything: no poll, wake or
//! spawn asks whether there is one, for `tracing` says when one comes; but a poll has two kinds of wakers to hand
//! out, so the compiler does not see through them, which makes ten instructions of a task that wakes itself. One
//! that wants spans makes loops go another way. With a subscriber that does nothing with what it is told, that is
//! in instructions, by callgrind:
//!
//! | | no subscriber | tasks | tasks and wakers |
//! |---|---|---|---|
//! | a task that wakes itself, a poll | 76 | 748 | 813 |
//! | spawn a task in a task, and join it: two polls | 304 | 2,652 | 2,782 |
//!
//! These are of a program that does nothing else, and are to be compared with each other, not with the figures of
//! other pages. What the subscriber does comes on top: a console takes the time several times for each poll.
//!
//! [tokio-console]: https://docs.rs/tokio-console
