//! `#[runtime::main(ctrl_c = "cancel")]`: the first Ctrl-C asks the main function to end.

#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use common::program::{ARGUMENTS, Running, Said, WHICH, assert_interrupted, exit_as, say};
use common::sys::{kill_process, set_disposition};
use runtime::signal::{SignalKind, signal};

const INT: SignalKind = SignalKind::interrupt();

mod programs {
    use super::*;

    /// Waits for ever, with a task that does.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn waits() {
        let _main = Said("main is dropped");
        runtime::spawn(async {
            let _task = Said("task is dropped");
            std::future::pending::<()>().await;
        });
        runtime::task::yield_now().await;
        say("ready");
        std::future::pending::<()>().await;
    }

    /// Has destructors that use the loop.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn cleans_up_with_the_loop() {
        struct Spawns;
        impl Drop for Spawns {
            fn drop(&mut self) {
                let task = Said("spawned task is dropped");
                runtime::spawn(async move {
                    let _task = task;
                    std::future::pending::<()>().await;
                });
                say("main is dropped");
            }
        }
        let _spawns = Spawns;
        say("ready");
        std::future::pending::<()>().await;
    }

    /// Ends by itself when it is told to, by a line.
    #[runtime::main(ctrl_c = "cancel", max_blocking_threads = 1)]
    pub(super) async fn ends() -> ExitCode {
        say("ready");
        let line = runtime::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).expect("there is an input");
            line
        });
        say(line.await.expect("no panic").trim());
        ExitCode::from(7)
    }

    /// As `ends`, and waits for Ctrl-C when it is done with the runtime.
    pub(super) fn ends_and_goes_on() -> ExitCode {
        let code = ends();
        say("goes on");
        loop {
            std::thread::park();
            let _ = &code;
        }
    }

    /// Listens to Ctrl-C itself, too.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn listens() {
        let _guard = runtime::signal::on(INT, || say("the callback is called"));
        let mut interrupt = signal(INT).expect("it can be listened to");
        let task = runtime::spawn(async move {
            interrupt.recv().await;
            say("the listener is told");
        });
        let _main = Said("main is dropped");
        say("ready");
        task.await.expect("no panic");
        std::future::pending::<()>().await;
    }

    /// Listens, and takes its time to clean up.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn cleans_up_and_awaits() -> ExitCode {
        let task = runtime::spawn(async {
            let _task = Said("task is dropped");
            std::future::pending::<()>().await;
        });
        say("ready");
        let reason = runtime::task::cancelled().await;
        say(if reason == "Ctrl-C" { "asked by Ctrl-C" } else { "asked by somebody" });
        task.cancel("the program ends");
        let error = task.await.expect_err("it waits for ever");
        say(if error.cancel_reason() == Some("the program ends") { "task is told" } else { "no" });
        ExitCode::from(7)
    }

    /// Looks in each poll whether it is asked.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn looks() -> ExitCode {
        say("ready");
        while !runtime::task::is_cancelling() {
            runtime::task::yield_now().await;
        }
        ExitCode::from(7)
    }

    /// Fails.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn panics() {
        say("ready");
        runtime::task::yield_now().await;
        panic!("on purpose");
    }
}

/// What a program does; in the test-suite itself, nothing.
#[test]
fn program() {
    let Ok(which) = std::env::var(WHICH) else { return };
    match which.as_str() {
        "waits" => programs::waits(),
        "cleans_up_with_the_loop" => programs::cleans_up_with_the_loop(),
        "ends" => exit_as(programs::ends()),
        "ends_and_goes_on" => drop(programs::ends_and_goes_on()),
        "listens" => programs::listens(),
        "cleans_up_and_awaits" => exit_as(programs::cleans_up_and_awaits()),
        "looks" => exit_as(programs::looks()),
        "panics" => programs::panics(),
        "ignores" => {
            set_disposition(INT, libc::SIG_IGN, 0);
            exit_as(programs::ends())
        }
        other => panic!("there is no program {other}"),
    }
}

#[test]
fn the_first_drops_main_and_the_tasks() {
    let program = Running::start("waits");
    program.interrupt();
    let (said, status) = program.end();
    assert_eq!(said, ["main is dropped", "task is dropped"]);
    assert_interrupted(status);
}

#[test]
fn what_main_drops_may_use_the_loop() {
    let program = Running::start("cleans_up_with_the_loop");
    program.interrupt();
    let (said, status) = program.end();
    assert_eq!(said, ["main is dropped", "spawned task is dropped"]);
    assert_interrupted(status);
}

#[test]
fn a_main_that_listens_cleans_up_and_says_how_it_ends() {
    let program = Running::start("cleans_up_and_awaits");
    program.interrupt();
    let (said, status) = program.end();
    assert_eq!(said, ["asked by Ctrl-C", "task is dropped", "task is told"]);
    assert_eq!(status.code(), Some(7));
}

#[test]
fn a_main_that_asks_whether_it_is_asked_says_how_it_ends() {
    let program = Running::start("looks");
    program.interrupt();
    let (_, status) = program.end();
    assert_eq!(status.code(), Some(7));
}

#[test]
fn other_listeners_hear_the_first() {
    let program = Running::start("listens");
    program.interrupt();
    let (said, status) = program.end();
    assert!(said.contains(&"main is dropped".to_owned()), "{said:?}");
    assert_interrupted(status);
}

#[test]
fn without_ctrl_c_the_program_ends_as_it_likes() {
    let mut program = Running::start("ends");
    program.tell("enough");
    let (said, status) = program.end();
    assert_eq!(said, ["enough"]);
    assert_eq!(status.code(), Some(7));
}

#[test]
fn after_main_ctrl_c_does_what_it_always_does() {
    let mut program = Running::start("ends_and_goes_on");
    program.tell("enough");
    assert_eq!(program.next().as_deref(), Some("enough"));
    assert_eq!(program.next().as_deref(), Some("goes on"));
    program.interrupt();
    assert_interrupted(program.end().1);
}

#[test]
fn a_program_in_the_background_goes_on_ignoring_it() {
    let mut program = Running::start("ignores");
    for _ in 0..3 {
        program.interrupt();
    }
    program.tell("enough");
    let (said, status) = program.end();
    assert_eq!(said, ["enough"]);
    assert_eq!(status.code(), Some(7));
}

#[test]
fn a_panic_is_a_panic() {
    let (_, status) = Running::start("panics").end();
    // That of the test harness, for a test that failed.
    assert_eq!(status.code(), Some(101));
}

#[test]
fn shells_see_the_conventional_status() {
    let test = std::env::current_exe().expect("this program has a path");
    // The inner shell becomes the program; the outer one waits for it, and prints what it makes of its end.
    let program = format!("echo pid $$; {WHICH}=waits exec {test:?} {}", ARGUMENTS.join(" "));
    let mut shell = Command::new("sh")
        .args(["-c", "sh -c \"$1\"; echo \"status $?\"", "sh", &program])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell");
    let mut lines = BufReader::new(shell.stdout.take().expect("it is a pipe")).lines();
    let mut next = |prefix: &str| {
        let mut lines = lines.by_ref().map(|line| line.expect("it is text"));
        lines.find_map(|line| line.strip_prefix(prefix).map(str::to_owned)).expect("it says so")
    };
    let pid = next("pid ").parse().expect("a number");
    next("> ready");
    kill_process(pid, INT);
    assert_eq!(next("status "), "130");
    assert!(shell.wait().expect("it is a child").success());
}
