//! The examples that start other programs.

use crate::program::Example;

fn output(name: &'static str, arguments: &[&str]) -> String {
    Example::start(name, arguments).output()
}

#[test]
fn parallel_runs_all_jobs_and_knows_which_one_failed() {
    let mut example = Example::start("parallel", &[]);
    // They end in no particular order, and this is the last line.
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.contains("went well")) {
        lines.push(example.line_with("\n"));
    }
    for number in 1..=12 {
        let result = format!("  {number} squared is {}\n", number * number);
        assert!(lines.contains(&result), "{result:?} is missing in {lines:?}");
    }
    assert_eq!(lines.last().map(|line| line.trim()), Some("11 of 12 went well"));
    example.errors();
}

#[cfg(unix)]
#[test]
fn parallel_takes_lines_for_the_shell() {
    let output = output("parallel", &["--jobs", "1", "echo one", "echo two"]);
    assert_eq!(output.lines().filter(|line| ["one", "two"].contains(line)).count(), 2, "{output}");
    assert!(output.ends_with("2 of 2 went well\n"), "{output}");
}

#[test]
fn pipeline_passes_numbers_through_three_programs() {
    assert_eq!(output("pipeline", &[]), "the sum of the squares up to 1000 is 333833500\n");
}

#[cfg(unix)]
#[test]
fn pipeline_takes_programs_and_tells_of_those_that_fail() {
    let output =
        output("pipeline", &["echo", "one", "two", "|", "tr", "a-z ", "A-Z\n", "|", "sort", "-r"]);
    assert_eq!(output, "TWO\nONE\n");
    let errors = Example::start("pipeline", &["echo", "one", "|", "false", "|", "cat"]).errors();
    assert!(errors.contains("program 2 failed"), "{errors}");
    let errors = Example::start("pipeline", &["cat", "|", "no/such/program"]).errors();
    assert!(errors.contains("no/such/program"), "{errors}");
}

#[test]
fn supervisor_restarts_what_fails_and_stops_the_rest() {
    let mut example = Example::start("supervisor", &[]);
    for what in [
        "flaky: starts again in 20ms",
        "flaky: starts again in 40ms",
        "flaky: starts again in 80ms",
        "flaky: has failed too often",
        "steady: stopped",
        "nothing runs any more",
    ] {
        example.line_with(what);
    }
    example.errors();
}

#[cfg(unix)]
#[test]
fn supervisor_stops_when_asked_and_kills_who_does_not_listen() {
    use rustix::process::{Pid, Signal, kill_process};

    let line = "trap '' TERM; echo 'de'af; while :; do sleep 0.01; done";
    let mut example = Example::start("supervisor", &["--grace", "0.05", line]);
    // Said by the program, which does not listen by then.
    example.line_with("deaf");
    let pid = i32::try_from(example.id()).ok().and_then(Pid::from_raw).expect("a pid");
    kill_process(pid, Signal::TERM).expect("it runs");
    example.line_with("stopped, signal: 9");
    example.line_with("nothing runs any more");
    example.output();
}

#[cfg(unix)]
#[test]
fn supervisor_stops_what_its_programs_have_started() {
    use rustix::process::{Pid, Signal, kill_process};

    let mut example = Example::start("supervisor", &["sleep 600 & echo 'star'ted; wait"]);
    example.line_with("started");
    let pid = i32::try_from(example.id()).ok().and_then(Pid::from_raw).expect("a pid");
    kill_process(pid, Signal::TERM).expect("it runs");
    example.line_with("stopped, signal: 15");
    // Whoever is left would keep the output open.
    example.output();
}
