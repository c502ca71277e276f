//! Ten thousand children of which every other is forgotten leave no zombie behind, nor do fewer with each
//! strategy.
//!
//! One test, alone in its process, as it counts what all of that has for children.

#![cfg(target_os = "linux")]

use std::io;
use std::time::Duration;

use runtime::process::Command;
use runtime::time::{Instant, sleep};

mod common;

use common::selectors::{Choice, on, run};
use common::watchers::{ALL, DEFAULT};

#[test]
fn no_child_is_left() -> io::Result<()> {
    for (watcher, count) in ALL.map(|watcher| (watcher, 300)).into_iter().chain([(DEFAULT, 10_000)])
    {
        on(watcher, || come_and_go(watcher, count))?;
    }
    Ok(())
}

/// Runs children, fifty at a time.
fn come_and_go(watcher: Choice, count: usize) -> io::Result<()> {
    run(async {
        for _ in 0..count / 50 {
            let mut waiting = Vec::new();
            for number in 0..50 {
                let child = Command::new("/bin/true").spawn()?;
                if number % 2 == 0 {
                    waiting.push(child);
                }
            }
            for mut child in waiting {
                assert!(child.wait().await?.success());
            }
        }
        // While the loop runs, and not by what takes care of children when it closes.
        let deadline = Instant::now() + Duration::from_secs(60);
        while let left @ [_, ..] = &common::children()?[..] {
            assert!(Instant::now() < deadline, "{}: {left:?} are left", watcher.module);
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    })
}
