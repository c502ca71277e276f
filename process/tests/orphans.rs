//! A child that outlives its loop is waited for, and not looked at now and then.
//!
//! One test, alone in its process: it watches the thread that takes care of such children.

#![cfg(target_os = "linux")]

use std::fs;
use std::io;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use runtime::process::Command;

mod common;

use common::selectors::run;
use common::until_gone;

/// More than twice as long as the thread ever sleeps where it has to look at children.
const LONG: Duration = Duration::from_millis(1200);

#[test]
fn a_child_that_outlives_its_loop_wakes_nobody_before_it_ends() -> io::Result<()> {
    let (ids, stdin): (Vec<u32>, Vec<_>) = run(async {
        let children = (0..3).map(|_| {
            let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
            let stdin = child.stdin.take().expect("it is piped").into_owned_fd()?;
            Ok((child.id().expect("it runs"), stdin))
        });
        children.collect::<io::Result<Vec<_>>>()
    })?
    .into_iter()
    .unzip();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let before = wake_ups()?;
        thread::sleep(LONG);
        if before.is_some() && wake_ups()? == before {
            break;
        }
        assert!(Instant::now() < deadline, "the thread wakes up again and again");
    }
    for (id, stdin) in ids.into_iter().zip(stdin) {
        assert!(common::exists(id));
        drop(stdin);
        run(until_gone(id));
    }
    Ok(())
}

/// How often the thread that takes care of orphans has gone to sleep; none if it has not begun yet.
fn wake_ups() -> io::Result<Option<String>> {
    for thread in fs::read_dir("/proc/self/task")? {
        let folder = thread?.path();
        if fs::read_to_string(folder.join("comm"))?.trim_end() == "child-reaper" {
            let status = fs::read_to_string(folder.join("status"))?;
            let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"));
            return Ok(Some(line.expect("Linux counts them").to_owned()));
        }
    }
    Ok(None)
}
