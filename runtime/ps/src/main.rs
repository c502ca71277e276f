//! `runtime-ps`: looks into processes that run the event loop of `runtime`.
//!
//! ```text
//! runtime-ps                  the processes of this user that can be looked into
//! runtime-ps ps 4711          the tasks of one
//! runtime-ps tree 4711        who waits for whom
//! runtime-ps top 4711         what it is busy with, live
//! ```
//!
//! What can be looked into is a program that calls `runtime::inspect::serve`, or whose `main` has the
//! attribute `#[runtime::main]` and which was started with `RUNTIME_INSPECT=1` in its environment.

use std::process::ExitCode;

#[cfg(unix)]
mod arguments;
#[cfg(unix)]
mod failure;
#[cfg(unix)]
mod ps;
#[cfg(unix)]
mod table;
#[cfg(unix)]
mod target;
#[cfg(unix)]
mod text;
#[cfg(unix)]
mod top;
#[cfg(unix)]
mod tree;

#[cfg_attr(unix, path = "commands.rs")]
#[cfg_attr(not(unix), path = "commands_other.rs")]
mod commands;

fn main() -> ExitCode {
    commands::run()
}
