//! `cargo xtask tsan`: the stress tests under ThreadSanitizer.
//!
//! The standard library has to be compiled with it too, or its locks would be taken for races; so this needs
//! a nightly toolchain with the library's source.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::Result;

/// Options of `cargo xtask tsan`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the tests whose name contains one of these words.
    only: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let missing = "needs a nightly toolchain with the source of the standard library: \
                   `rustup toolchain install nightly --component rust-src`";
    let rustc = |question: &str| {
        let question = question.split(' ');
        cmd!(shell, "rustc +nightly {question...}").quiet().ignore_stderr().read()
    };
    let sysroot = rustc("--print sysroot").map_err(|_| missing)?;
    if !Path::new(&sysroot).join("lib/rustlib/src/rust/library/std").is_dir() {
        return Err(missing.into());
    }
    let version = rustc("-vV")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let target = host.ok_or("rustc does not say what its host is")?;
    let _flags = shell.push_env("RUSTFLAGS", "-Zsanitizer=thread --cfg tsan");
    let _target = shell.push_env("CARGO_TARGET_DIR", "target/tsan");
    let only = arguments.only;
    cmd!(
        shell,
        "cargo +nightly test -Zbuild-std --target {target} --package runtime-core --test stress -- {only...}"
    )
    .run()?;
    Ok(())
}
