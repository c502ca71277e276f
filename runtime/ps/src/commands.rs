//! From the command line to a command, and from its failure to an exit status.

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::{ps, top, tree};

pub(crate) fn run() -> ExitCode {
    let Arguments { directory, command } = Arguments::parse();
    let directory = directory.unwrap_or_else(runtime_inspect::directory);
    let command = command.unwrap_or(Command::Ps(ps::Arguments::default()));
    let done = match command {
        Command::Ps(arguments) => ps::run(&directory, &arguments),
        Command::Tree(arguments) => tree::run(&directory, &arguments),
        Command::Top(arguments) => top::run(&directory, &arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read has seen enough.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
