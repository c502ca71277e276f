//! Commands when no descriptor, or hardly one, is left.
//!
//! One test, alone in its process: it takes all descriptors away.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io;
use std::process::Stdio;

use runtime::process::watcher::{DefaultWatcher, Fast, Pidfd, Polling, Signal, Thread};
use runtime::process::{BuilderExt, Command};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

mod common;

use common::selectors::{Choice, MIO, POLL, on, run};

/// Each strategy, which may be replaced by the next where it lacks descriptors.
const ALL: [Choice; 6] = [
    Choice { module: "default", setup: |builder| builder.child_watcher(DefaultWatcher::new()) },
    Choice { module: "pidfd", setup: |builder| builder.child_watcher(Pidfd::new()) },
    Choice { module: "signal", setup: |builder| builder.child_watcher(Signal::new()) },
    Choice { module: "fast", setup: |builder| builder.child_watcher(Fast::new()) },
    Choice { module: "thread", setup: |builder| builder.child_watcher(Thread::new()) },
    Choice { module: "polling", setup: |builder| builder.child_watcher(Polling::new()) },
];

#[test]
fn a_spawn_that_lacks_descriptors_leaves_nothing_behind() -> io::Result<()> {
    let limits = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: limits.maximum })?;
    for choice in ALL.into_iter().chain([MIO, POLL]) {
        println!("{}", choice.module);
        on(choice, || run(starve()))?;
    }
    assert_eq!(common::children()?, [0; 0]);
    Ok(())
}

/// Takes every descriptor that is left.
fn take_all() -> Vec<File> {
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

async fn starve() -> io::Result<()> {
    let mut command = Command::new("cat");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What is made once for all children is made now.
    assert_eq!(command.spawn()?.communicate("x").await?.stdout, b"x");
    let before = common::descriptors()?;
    let (mut failures, mut successes) = (0, 0);
    // Each number of descriptors that may be left makes it fail at another place.
    for left in 0..24 {
        let mut files = take_all();
        files.truncate(files.len() - left);
        let outcome = command.spawn();
        drop(files);
        match outcome {
            Err(error) => {
                assert_eq!(Errno::from_io_error(&error), Some(Errno::MFILE), "{error}");
                failures += 1;
            }
            Ok(mut child) => {
                let output = child.communicate("alive").await?;
                assert_eq!(output.stdout, b"alive");
                successes += 1;
            }
        }
        assert_eq!(common::descriptors()?, before, "with {left} left");
    }
    assert!(failures > 0 && successes > 0, "{failures} failures and {successes} successes");
    Ok(())
}
