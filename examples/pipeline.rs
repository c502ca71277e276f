//! A pipeline, as a shell makes one: each program reads what the one before it writes.
//!
//! ```text
//! cargo run --release --example pipeline                                           three stages of its own
//! cargo run --release --example pipeline -- du -a '|' sort -rn '|' head -3         programs and their arguments
//! ```
//!
//! The children hold the pipes between them, and nothing passes through this process. The exit code is that
//! of the last program which failed, as with `pipefail` of the shell.

use std::env;
use std::io;
use std::process::{ExitCode, ExitStatus, Stdio};

use futures::future::try_join_all;
use futures::{AsyncBufReadExt, AsyncWriteExt, TryStreamExt};
use runtime::process::{Child, Command, stderr, stdin, stdout};

#[runtime::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|error| {
        eprintln!("pipeline: {error}");
        ExitCode::FAILURE
    })
}

async fn run() -> io::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let commands = match &arguments[..] {
        [] => {
            ["numbers", "squares", "sum"].map(own_stage).into_iter().collect::<io::Result<_>>()?
        }
        [option, stage] if option == "--stage" => return run_stage(stage).await,
        words => parse(words)?,
    };
    let mut children = spawn_all(commands)?;
    // All of them: a pipeline is over when its last program has ended, but what the others say of theirs
    // matters, too.
    let statuses = try_join_all(children.iter_mut().map(Child::wait)).await?;
    for (place, status) in statuses.iter().enumerate().filter(|(_, status)| !status.success()) {
        stderr().write_all(format!("program {} failed: {status}\n", place + 1).as_bytes()).await?;
    }
    let failure = statuses.iter().rev().find(|status| !status.success());
    Ok(failure.map_or(ExitCode::SUCCESS, |status| code(*status)))
}

/// Takes the words apart at each `|`.
fn parse(words: &[String]) -> io::Result<Vec<Command>> {
    let command = |words: &[String]| match words {
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments);
            Ok(command)
        }
        [] => Err(io::Error::new(io::ErrorKind::InvalidInput, "there is a `|` without a program")),
    };
    words.split(|word| word == "|").map(command).collect()
}

/// Starts the programs. If one cannot be started, those before it are killed.
fn spawn_all(commands: Vec<Command>) -> io::Result<Vec<Child>> {
    let last = commands.len() - 1;
    let mut children: Vec<Child> = Vec::new();
    for (place, mut command) in commands.into_iter().enumerate() {
        command.kill_on_drop(true);
        if let Some(before) = children.last_mut() {
            let output = before.stdout.take().expect("it is piped");
            command.stdin(Stdio::try_from(output)?);
        }
        if place < last {
            command.stdout(Stdio::piped());
        }
        // The command is dropped with its end of the pipe, so that the programs find the ends of their
        // inputs.
        children.push(command.spawn()?);
    }
    Ok(children)
}

fn code(status: ExitStatus) -> ExitCode {
    // One that a signal has ended has no code.
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255))
}

/// This very program, as a filter.
fn own_stage(stage: &str) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--stage", stage]);
    Ok(command)
}

async fn run_stage(stage: &str) -> io::Result<ExitCode> {
    let mut output = stdout();
    if stage == "numbers" {
        let text: String = (1..=1000).map(|number| format!("{number}\n")).collect();
        output.write_all(text.as_bytes()).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = stdin().buffered().lines();
    let mut sum = 0;
    while let Some(line) = lines.try_next().await? {
        let number: u64 = line.parse().map_err(io::Error::other)?;
        match stage {
            "squares" => output.write_all(format!("{}\n", number * number).as_bytes()).await?,
            _ => sum += number,
        }
    }
    if stage == "sum" {
        output
            .write_all(format!("the sum of the squares up to 1000 is {sum}\n").as_bytes())
            .await?;
    }
    Ok(ExitCode::SUCCESS)
}
