//! Programs of others that talk to the examples, where the machine has them.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

/// Runs a program to its end, and returns what it wrote; `None`, and a line that says so, if the machine has
/// no such program.
///
/// Give it a limit of its own in `arguments` where it has one, so that an example that says nothing does not
/// hang the test.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Option<String> {
    run_with(program, arguments, b"")
}

/// As [`run`], with something to read.
pub(crate) fn run_with(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let output = outcome(program, arguments, input)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {}\n{text}{errors}", output.status);
    Some(text)
}

fn outcome(program: &str, arguments: &[&str], input: &[u8]) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("skipped: there is no {program} on this machine");
        return None;
    };
    let mut stdin = child.stdin.take().expect("the input is piped");
    thread::scope(|scope| {
        scope.spawn(move || {
            // Fails if the program does not read to the end, which its outcome tells.
            let _ = stdin.write_all(input);
        });
        Some(child.wait_with_output().expect("the program can be waited for"))
    })
}

/// Runs curl with some arguments.
pub(crate) fn curl(arguments: &[&str]) -> Option<String> {
    run("curl", &[&["--silent", "--show-error", "--max-time", "60"], arguments].concat())
}
