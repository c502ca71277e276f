//! `cargo xtask loom`: every interleaving of the protocols between threads, as far as the models go.
//!
//! The models are in `runtime/core/src/executor/models.rs` and the folder beside it, in
//! `runtime/core/src/reactor/models.rs`, and, for the handler of signals, in `signal/src/models.rs`. Loom's own variables,
//! such as `LOOM_LOG`, work as usual.

use xshell::{Shell, cmd};

use crate::Result;

/// Options of `cargo xtask loom`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the models whose name contains one of these words.
    only: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    // A directory of its own: other flags would otherwise build everything anew, here and at the next `cargo
    // test`.
    let _flags = shell.push_env("RUSTFLAGS", "--cfg loom");
    let _target = shell.push_env("CARGO_TARGET_DIR", "target/loom");
    let only = arguments.only;
    let packages = ["--package", "runtime-core", "--package", "runtime-signal"];
    cmd!(shell, "cargo test --release {packages...} --lib -- {only...}").run()?;
    Ok(())
}
