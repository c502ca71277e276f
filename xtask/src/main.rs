//! The project's own commands. One file a subcommand.

mod asan;
mod bench;
mod instructions;
mod interop;
mod loom;
mod tsan;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compares `runtime` with its peers and with a hand-written limit, in interleaved rounds.
    Bench(bench::Arguments),
    /// Counts user-space instructions an operation by callgrind: exact, and the same on every machine.
    Instructions(instructions::Arguments),
    /// Has programs of others, such as curl, wrk and dig, talk to the examples, and prints how that went.
    Interop(interop::Arguments),
    /// Explores the interleavings of the task and inbox protocols by loom.
    Loom(loom::Arguments),
    /// Runs the core's tests under AddressSanitizer (needs a nightly toolchain), or else under valgrind.
    Asan(asan::Arguments),
    /// Runs the stress tests under ThreadSanitizer (needs a nightly toolchain with `rust-src`).
    Tsan(tsan::Arguments),
}

/// What a command that failed says.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(arguments),
        Command::Instructions(arguments) => instructions::run(arguments),
        Command::Interop(arguments) => interop::run(arguments),
        Command::Loom(arguments) => loom::run(arguments),
        Command::Asan(arguments) => asan::run(arguments),
        Command::Tsan(arguments) => tsan::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
