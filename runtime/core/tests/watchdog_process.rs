//! What processes have to do with the watchdog: one that is stopped, one that starts others, one whose
//! environment asks for it. Each is a process of its own.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use runtime::task::yield_now;
use runtime::watchdog::BlockedReport;
use runtime::{Builder, Handle};
use rustix::process::{Pid, Signal, kill_process};

fn is_child() -> bool {
    std::env::var_os("ROLE").is_some()
}

fn this_test(test: &str, watchdog: Option<&str>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("ROLE", "child");
    match watchdog {
        Some(threshold) => command.env("RUNTIME_WATCHDOG", threshold),
        None => command.env_remove("RUNTIME_WATCHDOG"),
    };
    command
}

/// A process with which one can talk line by line.
struct Talk {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Talk {
    fn with(mut command: Command) -> Talk {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Talk { child, input, output: BufReader::new(output) }
    }

    /// Reads until a line says this; what it does not expect is a failure.
    fn expect(&mut self, expected: &str, not: &str) {
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "no {expected}");
            assert!(!line.contains(not), "{line}");
            if line.trim_end().ends_with(expected) {
                return;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

fn say(line: &str) {
    // Not by a macro, whose output the harness would keep.
    let mut stdout = stdout().lock();
    writeln!(stdout, "{line}").unwrap();
    stdout.flush().unwrap();
}

#[test]
fn a_process_that_was_stopped_has_not_blocked_its_loop() {
    const THRESHOLD: Duration = Duration::from_secs(1);
    if is_child() {
        let tell = |_: &BlockedReport| say("reported");
        let rt = Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap();
        return rt.block_on(async {
            say("ready");
            assert_eq!(stdin().read(&mut [0; 5]).unwrap(), 5);
            say("done");
        });
    }
    let mut talk =
        Talk::with(this_test("a_process_that_was_stopped_has_not_blocked_its_loop", None));
    talk.expect("ready", "reported");
    talk.signal(Signal::STOP);
    thread::sleep(3 * THRESHOLD);
    talk.signal(Signal::CONT);
    talk.input.write_all(b"go on").unwrap();
    talk.expect("done", "reported");
    drop(talk.input);
    let mut rest = String::new();
    talk.output.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("reported"), "{rest}");
    assert!(talk.child.wait().unwrap().success());
}

fn stderr_of(test: &str, watchdog: Option<&str>) -> String {
    let output = this_test(test, watchdog).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

const BLOCK: Duration = Duration::from_millis(50);

#[test]
fn the_environment_asks_for_a_watchdog() {
    const NAME: &str = "the_environment_asks_for_a_watchdog";
    if is_child() {
        let (send, reported) = channel();
        let tell = move |_: &BlockedReport| send.send(()).unwrap();
        let rt = Builder::new().on_blocked(tell).build().unwrap();
        return rt.block_on(async {
            match std::env::var("RUNTIME_WATCHDOG").as_deref() {
                // The first stack of a process takes a while.
                Ok("5ms") => reported.recv().unwrap(),
                _ => thread::sleep(BLOCK),
            }
        });
    }
    let told = stderr_of(NAME, Some("5ms"));
    assert!(told.contains("the main future is blocking the loop of thread"), "{told}");
    assert!(told.contains("so far"), "{told}");
    for none in [None, Some(""), Some("0"), Some("1000s")] {
        let told = stderr_of(NAME, none);
        assert!(!told.contains("blocking"), "{none:?}: {told}");
    }
    let told = stderr_of(NAME, Some("soon"));
    assert!(told.contains("RUNTIME_WATCHDOG is \"soon\", which is no duration"), "{told}");
    assert!(!told.contains("blocking"), "{told}");
}

#[test]
fn the_builder_knows_better_than_the_environment() {
    if is_child() {
        let rt = Builder::new().watchdog(Duration::ZERO).build().unwrap();
        return rt.block_on(async {
            thread::sleep(BLOCK);
            assert!(Handle::current().current_poll().is_none());
        });
    }
    let told = stderr_of("the_builder_knows_better_than_the_environment", Some("5ms"));
    assert!(!told.contains("blocking"), "{told}");
}

#[test]
fn processes_can_be_started_while_a_loop_is_being_reported() {
    let reports = Arc::new(AtomicUsize::new(0));
    let told = reports.clone();
    let tell = move |_: &BlockedReport| {
        told.fetch_add(1, Ordering::Relaxed);
    };
    let threshold = Duration::from_millis(5);
    let rt = Builder::new().watchdog(threshold).on_blocked(tell).build().unwrap();
    rt.block_on(async {
        for _ in 0..5 {
            yield_now().await;
            let before = reports.load(Ordering::Relaxed);
            // By fork(2), or what stands in for it, on the very thread that is asked for its stack.
            while reports.load(Ordering::Relaxed) < before + 2 {
                assert!(Command::new("true").status().unwrap().success());
            }
        }
    });
}
