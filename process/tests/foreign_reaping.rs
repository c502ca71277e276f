//! A child whose status somebody else has taken is reported as lost; nobody waits for it in vain.
//!
//! One test, alone in its process: one strategy reaps all children, whosever they are.

#![cfg(target_os = "linux")]

use std::env;
use std::io;
use std::process::{self, Stdio};

use runtime::process::Command;
use rustix::process::{WaitOptions, waitpid};

mod common;

use common::pid;
use common::selectors::{Choice, on, run};
use common::watchers::{ALL, FAST, SIGNAL, THREAD};

/// Set in the process that ignores SIGCHLD.
const IGNORING: &str = "IGNORES_SIGCHLD";

#[test]
fn a_status_that_is_lost_is_an_error() -> io::Result<()> {
    if env::var_os(IGNORING).is_some() {
        return each(children_are_reaped_by_the_system);
    }
    each(reaped_by_others)?;
    again_ignoring_sigchld()
}

fn each(test: fn(Choice) -> io::Result<()>) -> io::Result<()> {
    ALL.into_iter().try_for_each(|watcher| on(watcher, || test(watcher)))
}

fn reaped_by_others(watcher: Choice) -> io::Result<()> {
    run(async {
        let mut other = Command::new("cat").stdin(Stdio::piped()).spawn()?;
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
        let id = child.id().expect("it runs");
        drop(child.stdin.take());
        // The loop stands still meanwhile.
        let taken = waitpid(Some(pid(id)), WaitOptions::empty());
        match child.wait().await {
            Err(error) => {
                assert!(error.to_string().contains(&id.to_string()), "{error}");
                assert!(taken?.is_some_and(|(_, status)| status.exited()));
            }
            // A thread may have been faster.
            Ok(status) => assert!(watcher.module == THREAD.module && status.success(), "{status}"),
        }
        assert_eq!(child.id(), None);
        // A lost child is not signalled, and does not keep others from being reaped.
        child.start_kill()?;
        assert!(other.wait().await?.success());
        Ok(())
    })
}

fn again_ignoring_sigchld() -> io::Result<()> {
    // What a process ignores, the program that it executes ignores as well.
    let test = "a_status_that_is_lost_is_an_error";
    let ignoring = || {
        let mut command = process::Command::new("env");
        command.arg("--ignore-signal=CHLD");
        command
    };
    if !ignoring().arg("true").status().is_ok_and(|status| status.success()) {
        println!("skipped: this system's env(1) cannot ignore signals");
        return Ok(());
    }
    let output = ignoring()
        .arg(env::current_exe()?)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(IGNORING, "1")
        .output()?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

fn children_are_reaped_by_the_system(watcher: Choice) -> io::Result<()> {
    run(async {
        // Its child has been reaped by the time that the standard library looks for it.
        let mut command = Command::new("/no/such/program");
        let failed = command.stderr_to_stdout().spawn().expect_err("there is none");
        assert!(!failed.to_string().is_empty(), "{failed}");
        let outcome = Command::shell("exit 5").stdin(Stdio::piped()).status().await;
        match outcome {
            Err(error) => assert!(error.to_string().contains("lost"), "{error}"),
            // They do not ignore it while they watch a child.
            Ok(status) => {
                assert!(
                    [SIGNAL.module, FAST.module].contains(&watcher.module),
                    "{}",
                    watcher.module
                );
                assert_eq!(status.code(), Some(5));
            }
        }
        Ok(())
    })
}
