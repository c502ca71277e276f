//! Programs of their own that get real signals. Each is the test binary itself, which is told by its
//! environment to be one.

use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, ExitStatus, Stdio};

use runtime::signal::SignalKind;

use super::sys::kill_process;

/// What tells a test binary which program to be, in the test `program`.
pub const WHICH: &str = "SIGNAL_TEST_PROGRAM";

/// What a test binary is called with to be a program.
pub const ARGUMENTS: [&str; 4] = ["--exact", "program", "--nocapture", "--test-threads=1"];

/// The command that runs this test binary.
pub fn this_program() -> Command {
    Command::new(std::env::current_exe().expect("this program has a path"))
}

/// Says so when it is dropped.
pub struct Said(pub &'static str);

impl Drop for Said {
    fn drop(&mut self) {
        say(self.0);
    }
}

/// Tells whoever has started the program.
pub fn say(what: &str) {
    println!("\n> {what}");
}

/// Ends the program as its main function would.
pub fn exit_as(code: ExitCode) -> ! {
    std::process::exit(if code == ExitCode::from(7) { 7 } else { 1 })
}

/// A program that runs.
pub struct Running {
    pub child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts one, and waits until it is ready.
    pub fn start(which: &str) -> Running {
        Running::start_by(&mut this_program(), which)
    }

    /// The same by a command that runs it.
    pub fn start_by(command: &mut Command, which: &str) -> Running {
        let mut child = command
            .args(ARGUMENTS)
            .env(WHICH, which)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be started");
        let input = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("it is a pipe")).lines();
        let mut running = Running { child, input, lines };
        assert_eq!(running.next().as_deref(), Some("ready"));
        running
    }

    /// What it says next.
    pub fn next(&mut self) -> Option<String> {
        let mut lines = self.lines.by_ref().map(|line| line.expect("it is text"));
        lines.find_map(|line| line.strip_prefix("> ").map(str::to_owned))
    }

    pub fn interrupt(&self) {
        kill_process(self.child.id(), SignalKind::interrupt());
    }

    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is a pipe");
        writeln!(input, "{line}").expect("it is read");
    }

    /// What else it says, and how it ends.
    pub fn end(mut self) -> (Vec<String>, ExitStatus) {
        let rest = std::iter::from_fn(|| self.next()).collect();
        (rest, self.child.wait().expect("it is a child"))
    }
}

#[track_caller]
pub fn assert_interrupted(status: ExitStatus) {
    assert_eq!(status.signal(), Some(libc::SIGINT), "{status}");
}
