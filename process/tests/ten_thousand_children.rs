//! Ten thousand children of which every other is forgotten leave no zombie behind, with any strategy.
//!
//! One test, alone in its process, as it counts what all of that has for children.

#![cfg(target_os = "linux")]

use std::io;
use std::time::Duration;

use runtime::process::Command;
use runtime::time::{Instant, sleep};

mod common;

use common::selectors::{Choice, on, run};
use common::watchers::{ALL, DEFAULT, POLL};

#[test]
fn no_child_is_left() -> io::Result<()> {
    // The default is the first of the others, on each selector.
    let others =
        ALL.into_iter().filter(|watcher| ![DEFAULT, POLL].map(module).contains(&module(*watcher)));
    others.into_iter().try_for_each(|watcher| on(watcher, || come_and_go(watcher)))
}

fn module(watcher: Choice) -> &'static str {
    watcher.module
}

const COUNT: usize = 10_000;

/// Runs children, fifty at a time.
fn come_and_go(watcher: Choice) -> io::Result<()> {
    run(async {
        for _ in 0..COUNT / 50 {
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
