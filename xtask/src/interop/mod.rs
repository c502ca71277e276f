//! `cargo xtask interop`: programs that others wrote talk to our examples.
//!
//! It installs nothing. A peer that the machine does not have, and an example that the project does not have,
//! are skipped with a line that says so. What to try is in `trials.rs`, one entry each.

mod child;
mod examples;
mod table;
mod trials;

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use self::child::{Ended, Running, run_to_end};
use self::examples::Examples;
use self::trials::{TRIALS, Trial};
use crate::Result;

/// The longest that one trial may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Options of `cargo xtask interop`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the trials whose peer or example has one of these names
    only: Vec<String>,

    /// Build the examples without optimization, as the tests do: sooner done, and slow to run
    #[arg(long)]
    debug: bool,
}

/// How a trial went.
pub(crate) enum Outcome {
    /// As it should, with what the peer has to say.
    Passed(String),
    /// Not for us to judge: something is missing.
    Skipped(String),
    /// A peer that is not content, or not answered as it should be.
    Failed(String),
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let wanted = |trial: &&Trial| {
        let only = &arguments.only;
        only.is_empty() || only.iter().any(|name| name == trial.peer || name == trial.example)
    };
    let trials: Vec<_> = TRIALS.iter().filter(wanted).collect();
    if trials.is_empty() {
        return Err("there is no trial of that name".into());
    }
    let examples = Examples::build(trials.iter().map(|trial| trial.example), arguments.debug)?;
    let mut outcomes = Vec::new();
    for trial in trials {
        println!("{}: {}", trial.peer, trial.tried);
        let outcome = attempt(trial, &examples);
        if let Outcome::Failed(why) = &outcome {
            println!("{why}");
        }
        outcomes.push((trial, outcome));
    }
    table::print(&outcomes);
    match outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_))).count() {
        0 => Ok(()),
        failures => Err(format!("{failures} trial(s) failed").into()),
    }
}

fn attempt(trial: &Trial, examples: &Examples) -> Outcome {
    if !examples.have(trial.example) {
        return Outcome::Skipped(format!("there is no example {}", trial.example));
    }
    if !is_installed(trial.peer) {
        return Outcome::Skipped(format!("{} is not installed", trial.peer));
    }
    let started = start_backend(trial).and_then(|(backend, port)| {
        let server = examples.start(trial.example, trial.server, port)?;
        Ok((backend, server))
    });
    let (_backend, server) = match started {
        Ok(started) => started,
        Err(error) => return Outcome::Failed(format!("{} does not start: {error}", trial.example)),
    };
    let mut command = Command::new(trial.peer);
    command.args(trial.arguments.iter().map(|argument| server.fill_in(argument)));
    match run_to_end(command, trial.input, LIMIT) {
        Err(error) => Outcome::Failed(format!("{} cannot be run: {error}", trial.peer)),
        Ok(ended) => judge(trial, &ended),
    }
}

/// Starts the peer as a server at a port that was free a moment ago, if the trial has it so.
fn start_backend(trial: &Trial) -> Result<(Option<Running>, u16)> {
    if trial.backend.is_empty() {
        return Ok((None, 0));
    }
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = Command::new(trial.peer);
    let place = port.to_string();
    command.args(trial.backend.iter().map(|argument| argument.replace("{backend}", &place)));
    let ready = |line: &str| line.contains("listening").then_some(());
    Ok((Some(Running::start(command, ready)?.0), port))
}

/// Whether the machine has a program, wherever it looks for programs.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| {
        folder.join(program).with_extension(std::env::consts::EXE_EXTENSION).is_file()
    })
}

fn judge(trial: &Trial, ended: &Ended) -> Outcome {
    let text = &ended.text;
    if !ended.success {
        return Outcome::Failed(format!("{}, after:\n{text}", ended.how));
    }
    if let Some(missing) = trial.expected.iter().find(|words| !text.contains(**words)) {
        return Outcome::Failed(format!("{missing:?} is missing in:\n{text}"));
    }
    if let Some(words) = trial.forbidden.iter().find(|words| text.contains(**words)) {
        return Outcome::Failed(format!("{words:?} is in:\n{text}"));
    }
    // Some peers write over a line until its figure is final.
    let mut lines = text.split(['\n', '\r']).rev();
    let figure = lines.find(|line| !trial.figure.is_empty() && line.contains(trial.figure));
    let words = figure.unwrap_or_default().split_whitespace().collect::<Vec<_>>();
    Outcome::Passed(words.join(" "))
}
