//! System calls a message, as the difference of two sizes under `strace -c`.
//!
//! Without `-f` strace sees the thread that serves and no other: neither the one that reads the meters nor
//! the load.

use std::{collections::BTreeMap, process::Command, time::Duration};

use super::{
    program::{Programs, run_to_end},
    results::Results,
    rows::{Table, has_sockets},
};
use crate::Result;

/// Messages of the smaller run; the larger one has twice as many.
const SIZE: u64 = 6_400;

/// Adds the figure `system_calls` to all scenarios with sockets, or says why there is none.
pub(super) fn count(
    programs: &Programs,
    scenarios: &[&'static str],
    runtimes: &[String],
    limit: Duration,
    results: &mut Results,
) {
    let scenarios = scenarios.iter().filter(|scenario| has_sockets(scenario));
    let pairs: Vec<_> = scenarios
        .flat_map(|scenario| runtimes.iter().map(move |runtime| (*scenario, runtime.as_str())))
        .filter(|(scenario, runtime)| {
            Table::SystemCalls.shows(runtime) && programs.has(scenario, runtime)
        })
        .collect();
    if pairs.is_empty() {
        return;
    }
    if Command::new("strace").arg("-V").output().is_err() {
        println!("strace is not installed, so system calls are not counted");
        return;
    }
    for (scenario, runtime) in pairs {
        match per_message(programs, scenario, runtime, limit) {
            Ok(calls) => {
                let metrics = BTreeMap::from([("system_calls".to_owned(), calls)]);
                results.add(0, scenario, runtime, Ok(metrics));
            }
            Err(reason) => {
                eprintln!("{scenario} on {runtime}: system calls not counted: {reason}");
            }
        }
    }
}

fn per_message(
    programs: &Programs,
    scenario: &str,
    runtime: &str,
    limit: Duration,
) -> Result<f64, String> {
    let count = |messages| all_calls(programs, scenario, runtime, messages, limit);
    Ok((count(2 * SIZE)? - count(SIZE)?) / SIZE as f64)
}

/// All system calls of the thread that serves, in one run.
fn all_calls(
    programs: &Programs,
    scenario: &str,
    runtime: &str,
    messages: u64,
    limit: Duration,
) -> Result<f64, String> {
    let mut command = Command::new("strace");
    command
        .args(["-c", "-U", "calls,name"])
        .arg(programs.path(scenario))
        .args(["--runtime", runtime, "--scenario", scenario, "--ops"])
        .arg(messages.to_string());
    let output = run_to_end(command, limit)?;
    total(&output.stderr).ok_or_else(|| "strace gave no count".to_owned())
}

/// The number in the last line of the summary, that of all calls.
fn total(summary: &str) -> Option<f64> {
    let line = summary.lines().find(|line| line.trim_end().ends_with(" total"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_of_a_summary_is_that_of_all_calls() {
        let summary = "\
    calls syscall
--------- ----------------
     6664 recvfrom
        1 fcntl
--------- ----------------
    13541 total
";
        assert_eq!(total(summary), Some(13_541.0));
        assert_eq!(total("strace: exec: no such file"), None);
    }
}
