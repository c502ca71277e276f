//! The project's own commands. One file a subcommand.

mod bench;
mod instructions;

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
}

/// What a command that failed says.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bench(arguments) => bench::run(arguments),
        Command::Instructions(arguments) => instructions::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
