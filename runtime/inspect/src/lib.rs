//! What other processes, and signals, get to see of a loop: all of `runtime::inspect` beyond what the core has.
//!
//! Users find this as `runtime::inspect`, with the feature `inspect`. The core tells what there is
//! ([`Handle::snapshot`](runtime_core::Handle::snapshot) and its kin), to whoever asks from inside of the
//! process. Here it leaves the process:
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
