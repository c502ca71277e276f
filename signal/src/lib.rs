//! Signals for the `runtime` event loop.
//!
//! | item | what |
//! |---|---|
//! | [`ctrl_c`] | waits for the next Ctrl-C (Unix, Windows) |
//! | [`run_until_ctrl_c`] | what `#[runtime::main(ctrl_c = "cancel")]` does (Unix, Windows) |
//! | [`signal()`], [`Signal`] | a stream of the signals of one kind (Unix) |
//! | [`on`], [`SignalGuard`] | a callback for each, as asyncio's `add_signal_handler` (Unix) |
//! | [`SignalKind`], [`SignalInfo`] | which signal; who sent it (Unix) |
//!
//! Any number of loops and listeners may listen to one kind, and each of them is told. While somebody listens
//! to a signal, that replaces what it does otherwise; when the last listener is dropped, on any thread, what
//! was there before is there again. So dropping the only listener to SIGINT means that the next Ctrl-C ends
//! the program.
//!
//! # What is promised
//!
//! - Signals that come faster than they are taken are told together. The last one is never lost, and no
//!   signal is told twice. Real-time signals (Linux), which the system queues, are told each by itself, up to
//!   1,024 that wait.
//! - A handler that other code had installed before the first listener is called still, after ours.
//! - If other code replaces our handler while there are listeners, it stays replaced, and new listeners are
//!   refused. It is noticed when a task begins to wait for that kind of signal, when a listener to it is made,
//!   and when the last one is dropped; the exception handlers of all loops that have listeners to it are told
//!   then, once each. Such a handler may call ours, so listeners are refused also when there are none left, for
//!   as long as it, or any in its place, stays.
//! - A signal to a process that was forked off and has not executed a program yet does what it would do
//!   without us, and is not told to the parent. (A child of vfork(2), which has its parent's memory, counts as
//!   its parent on Linux.)
//! - Nothing is installed, opened or started before the first listener. Afterwards the process keeps one
//!   descriptor (two without eventfd(2)), and on Linux a page of memory.
//!
//! # Coming from tokio
//!
//! `tokio::signal::ctrl_c` is [`ctrl_c`], and `tokio::signal::unix::signal` is [`signal()`]. tokio never gives a
//! signal back; here a [`ctrl_c`] that is done, or a [`Signal`] that is dropped, does, so that the next one does
//! what it does otherwise. A program that wants to hear of each keeps a [`Signal`].
//!
//! # Threads
//!
//! A thread that blocks a signal (pthread_sigmask(3)) does not get it, and if all of them do nobody does.

// Under loom there is nothing but the models: the core's loop is not there either.
#[cfg(all(test, loom))]
mod models;

#[cfg(all(unix, not(loom)))]
mod unix;
#[cfg(all(unix, not(loom)))]
pub use self::unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use self::windows::*;

#[cfg(all(any(unix, windows), not(loom)))]
mod cancel;
#[cfg(all(any(unix, windows), not(loom)))]
pub use self::cancel::run_until_ctrl_c;

#[cfg(not(any(unix, windows)))]
#[path = "other.rs"]
mod other;
#[cfg(not(any(unix, windows)))]
pub use self::other::*;

// It knows nothing of the system, so it is tested where we are.
#[cfg(all(test, not(windows), not(loom)))]
#[path = "windows/listeners.rs"]
mod windows_listeners;
