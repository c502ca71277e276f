//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{ps, top, tree};

/// Looks into processes that run the event loop of `runtime`.
///
/// What can be looked into is a program that calls `runtime::inspect::serve`, or one under `#[runtime::main]`
/// that was started with RUNTIME_INSPECT=1. Both need the feature `inspect` of the crate.
#[derive(Debug, Parser)]
#[command(name = "runtime-ps", version)]
pub(crate) struct Arguments {
    /// Where the sockets are [default: $RUNTIME_INSPECT, $XDG_RUNTIME_DIR/runtime-rs, or runtime-rs-UID in
    /// the directory for temporary files]
    #[arg(long = "dir", value_name = "DIRECTORY", global = true)]
    pub(crate) directory: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the processes that can be looked into, or the tasks of one
    Ps(ps::Arguments),
    /// Draws who waits for whom
    Tree(tree::Arguments),
    /// Shows what a process is busy with, again and again
    Top(top::Arguments),
}
