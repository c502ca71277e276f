//! What several tests need.

#![allow(dead_code, missing_docs, unreachable_pub)]

#[path = "../../../runtime/core/tests/support/selectors.rs"]
pub mod selectors;
#[cfg(unix)]
pub mod watchers;

use std::io;
use std::process::Stdio;
use std::time::Duration;

use futures::AsyncReadExt;
use runtime::process::{Child, ChildStdout, Command};
use runtime::time::{Instant, sleep};
use rustix::process::{Pid, test_kill_process};

/// A shell that prints a line when it has run `before`, and then runs `after`.
pub async fn shell_that_says(before: &str, after: &str) -> io::Result<Child> {
    let line = format!("{before}; echo ready; {after}");
    let mut child = Command::shell(line).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.as_mut().expect("it is piped");
    assert_eq!(line_of(stdout).await?, "ready");
    Ok(child)
}

/// Reads up to the end of a line and no further.
pub async fn line_of(stdout: &mut ChildStdout) -> io::Result<String> {
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        stdout.read_exact(&mut byte).await?;
        if byte == *b"\n" {
            return Ok(String::from_utf8(line).expect("the line is text"));
        }
        line.extend(byte);
    }
}

/// Waits until the pid stands for no process any more, not even for a zombie.
pub async fn until_gone(id: u32) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while exists(id) {
        assert!(Instant::now() < deadline, "process {id} has not been reaped");
        sleep(Duration::from_millis(1)).await;
    }
}

/// Whether there is a process of that number, dead or alive.
pub fn exists(id: u32) -> bool {
    test_kill_process(pid(id)).is_ok()
}

pub fn pid(id: u32) -> Pid {
    Pid::from_raw(id.try_into().expect("pids are small")).expect("pids are not zero")
}

/// How many descriptors the process has open; of use only to a test that is alone in its process.
#[cfg(target_os = "linux")]
pub fn descriptors() -> io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/fd")?.count())
}

/// The pids of the children that this process has, zombies included; of use only to a test that is alone in
/// its process.
#[cfg(target_os = "linux")]
pub fn children() -> io::Result<Vec<u32>> {
    let mut children = Vec::new();
    for thread in std::fs::read_dir("/proc/self/task")? {
        // A thread may end while its folder is being read.
        let Ok(text) = std::fs::read_to_string(thread?.path().join("children")) else { continue };
        children.extend(text.split_whitespace().map(|id| id.parse::<u32>().expect("a pid")));
    }
    Ok(children)
}
