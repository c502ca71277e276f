#![doc = include_str!("../../core/src/inspect/inspect.md")]
//!
//! # Leaving the process
//!
//! All of that is for whoever asks from inside of the process. With the feature `inspect` there is more:
//!
//! | item | what |
//! |---|---|
//! | [`serve`], [`Server`] | a socket for `runtime-ps`, and for whoever speaks the [protocol] (Unix) |
//! | [`Client`], [`find()`] | the other side of it (Unix) |
//! | [`dump_on_signal`], [`DumpTo`] | a description of all loops, when a signal comes (Unix) |
//! | [`dump()`] | the same, when the program wants it |
//!
//! # From outside
//!
//! A program that serves, by [`serve`] or because it was started with `RUNTIME_INSPECT=1` and has a `main`
//! under `#[runtime::main]`, is seen by `runtime-ps`, the program in `runtime/ps/`:
//!
//! ```text
//! runtime-ps                  the processes of this user that can be looked into
//! runtime-ps ps 4711          the tasks of one
//! runtime-ps tree 4711        who waits for whom; also --json and --dot
//! runtime-ps top 4711         what it is busy with, live
//! ```
//!
//! The server is threads of its own, so it answers while a loop is blocked, if only to say that it is, and in
//! what, if the loop has a watchdog. It serves the user of the process, and root, and nobody else: the
//! socket, and the directory it is in, are theirs alone, and on Linux the system is asked who has connected.
//! All that clients can change is whether a loop measures each of its tasks.
//!
//! # What that looks like
//!
//! The example `top` is a server with clients of its own. After `cargo run --example top`, in another terminal:
//!
//! ```text
//! $ runtime-ps
//!   PID  UPTIME  LOOPS  THREADS    PROGRAM
//! 12003   2.5 s      2  main,load  target/debug/examples/top
//!
//! $ runtime-ps top --group
//! top (12003), up 5.0 s, loop 2 on main: busy 82.2 %
//! now        33 tasks, 1 ready, 3 timers, 26 sources, 1 blocking jobs
//! per second 1,346 polls, 200 passes, 98 waits (0 spinning), 1,346 wakes (0.5 remote), 0.5 spawns, 1,243 events, 2.0 timers
//! a poll     76.8 µs (median), 7.3 ms (99 %), 148.2 ms (longest);  a task waits for its turn 942.1 µs (median), 42.5 ms (99 %), 148.3 ms (longest)
//!
//! TASKS  BUSY %  POLLS/S  POLLS      BUSY  STATE    NAME                AWAITS                SPAWNED AT
//!    24    60.9    1,243  2,544     1.2 s  waiting  session             ...                   examples/top/server.rs:18:46
//!     1    20.1      2.0      4  411.8 ms  waiting  reindex             timer in 378.244ms    examples/top/jobs.rs:29:5
//!     1     0.1      100    204    2.6 ms  ready    count               -                     examples/top/jobs.rs:21:5
//!     1     0.0      0.5      1   84.5 µs  waiting  archive             task 59               examples/top/jobs.rs:36:5
//!
//! $ runtime-ps tree
//! main future [waiting], run at examples/top/main.rs:48:8
//! └─ timer in 7.335s
//! task 3 `archive` [waiting], spawned at examples/top/jobs.rs:36:5
//! └─ task 59 [waiting], spawned at examples/top/jobs.rs:38:21
//!    └─ blocking job
//! task 6 `publish the cache` [waiting], spawned at examples/top/jobs.rs:49:5
//! └─ task 5 `merge the cache` [waiting], spawned at examples/top/jobs.rs:48:17
//!    └─ task 4 `load the cache` [waiting], spawned at examples/top/jobs.rs:43:18
//!       └─ timer in 3595.484s
//! task 7 `wait for the cache` [waiting], spawned at examples/top/jobs.rs:50:5
//! └─ resource `the cache`
//!    └─ task 4 `load the cache` [waiting], see above
//! ```
//!
//! Two things stand out: `reindex` is polled twice a second and takes a fifth of the time, so whoever becomes ready
//! meanwhile waits for up to 150 milliseconds; and without `--group`, one session is seen to take more than all
//! others together.
//!
//! [`Handle::tasks`]: runtime_core::Handle::tasks
//! [`Handle::metrics`]: runtime_core::Handle::metrics
//! [`Handle::graph`]: runtime_core::Handle::graph
//! [`Handle::snapshot`]: runtime_core::Handle::snapshot
//! [`Handle::observe`]: runtime_core::Handle::observe
//! [`Handle::current_poll`]: runtime_core::Handle::current_poll
//! [`Handle::set_inspect`]: runtime_core::Handle::set_inspect
//! [`Builder::inspect`]: runtime_core::Builder::inspect
//! [`task::awaiting`]: runtime_core::task::awaiting
//! [`task::holding`]: runtime_core::task::holding
//! [`task::scope`]: runtime_core::task::scope()

mod ask;
mod busy;
mod dump;
mod own;
pub mod protocol;
#[cfg(unix)]
mod unix;

pub use self::dump::dump;
#[cfg(unix)]
pub use self::unix::{
    Client, DumpOnSignal, DumpTo, Found, Server, ServerBuilder, directory, dump_on_signal, find,
    serve, serve_if_asked, socket_of, sweep,
};
#[doc(inline)]
pub use runtime_core::inspect::*;
