//! `cargo xtask instructions`: instructions an operation, as the difference of two sizes under callgrind.
//!
//! What a process does once, to start and to stop, is in both runs and cancels.

use std::{collections::BTreeMap, process::Command, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use xshell::{Shell, cmd};

use crate::{
    Result,
    bench::{
        FEATURE_INSTRUCTIONS, INSTRUCTIONS, Programs, Results, Selection, compare, print,
        print_failures, run_to_end, wanted,
    },
};

/// Options of `cargo xtask instructions`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only scenarios whose name contains one of these words.
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    only: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    /// Seconds after which a run is killed.
    #[arg(long, default_value_t = 120)]
    timeout: u64,
    /// Writes the counts to this file as JSON.
    #[arg(long)]
    json: Option<std::path::PathBuf>,
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let rows = arguments.selection.rows(&INSTRUCTIONS, &FEATURE_INSTRUCTIONS);
    let scenarios = wanted(rows, &arguments.only)?;
    arguments.selection.check()?;
    let shell = Shell::new()?;
    if cmd!(shell, "valgrind --version").quiet().ignore_stderr().read().is_err() {
        return Err("valgrind is not installed; Debian has it as `apt install valgrind`".into());
    }
    let programs =
        Programs::build(&shell, arguments.selection.without(), arguments.selection.traced())?;
    let mut runtimes = arguments.selection.choose(&programs.runtimes()?);
    runtimes.retain(|name| name != "ours-nospin");
    let limit = Duration::from_secs(arguments.timeout);
    let mut results = Results::new(&shell, 1)?;
    let progress = ProgressBar::new((scenarios.len() * runtimes.len()) as u64);
    progress.set_style(ProgressStyle::with_template(
        "{elapsed_precise} [{wide_bar}] {pos}/{len} {msg:<32} {eta} left",
    )?);
    for scenario in &scenarios {
        for runtime in &runtimes {
            if !programs.has(scenario, runtime) {
                progress.inc(1);
                continue;
            }
            progress.set_message(format!("{scenario} on {runtime}"));
            let count = per_operation(&programs, scenario, runtime, limit);
            if let Err(reason) = &count {
                progress.suspend(|| eprintln!("{scenario} on {runtime}: {reason}"));
            }
            let metrics = count.map(|count| BTreeMap::from([("instructions".to_owned(), count)]));
            results.add(0, scenario, runtime, metrics);
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    compare(&results, rows).iter().for_each(print);
    print_failures(&results);
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_string_pretty(&results)?)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Operations of the smaller run; the larger one has twice as many.
fn size(scenario: &str) -> u64 {
    match scenario {
        "timer-100k-sleeps" => 100_000,
        "tcp-echo-64" => 12_800,
        _ => 20_000,
    }
}

fn per_operation(
    programs: &Programs,
    scenario: &str,
    runtime: &str,
    limit: Duration,
) -> Result<f64, String> {
    let size = size(scenario);
    let count = |operations: u64| count(programs, scenario, runtime, operations, limit);
    Ok((count(2 * size)? - count(size)?) / size as f64)
}

/// All instructions of one run.
fn count(
    programs: &Programs,
    scenario: &str,
    runtime: &str,
    operations: u64,
    limit: Duration,
) -> Result<f64, String> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(programs.path(scenario))
        .args(["--runtime", runtime, "--scenario", scenario, "--ops"])
        .arg(operations.to_string());
    let output = run_to_end(command, limit)?;
    let collected = output
        .stderr
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.ok_or_else(|| "callgrind gave no count".to_owned())
}
