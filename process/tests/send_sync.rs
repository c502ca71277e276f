//! What may leave its thread.

#![allow(missing_docs)]

use runtime::process::watcher::Watched;
use runtime::process::{BufferedStdin, Stderr, Stdin, Stdout};
use runtime::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

fn is_send_and_sync<T: Send + Sync + Unpin + std::fmt::Debug + 'static>() {}

fn is_send<T: Send>(_: T) {}

#[test]
fn commands_children_and_pipes_are_send_and_sync() {
    is_send_and_sync::<Command>();
    is_send_and_sync::<Child>();
    is_send_and_sync::<ChildStdin>();
    is_send_and_sync::<ChildStdout>();
    is_send_and_sync::<ChildStderr>();
    is_send_and_sync::<Watched>();
}

#[test]
fn standard_streams_are_send_and_sync() {
    is_send_and_sync::<Stdin>();
    is_send_and_sync::<BufferedStdin>();
    is_send_and_sync::<Stdout>();
    is_send_and_sync::<Stderr>();
}

#[cfg(unix)]
#[test]
fn standard_streams_have_their_usual_numbers() {
    use std::os::fd::AsRawFd;

    use runtime::process::{stderr, stdin, stdout};

    let numbers = [stdin().as_raw_fd(), stdout().as_raw_fd(), stderr().as_raw_fd()];
    assert_eq!((numbers, stdin().buffered().as_raw_fd()), ([0, 1, 2], 0));
}

#[test]
fn what_waits_for_a_child_is_send() {
    is_send(Command::new("true").status());
    is_send(Command::new("true").output());
    let _ = |mut child: Child| is_send(child.wait());
    let _ = |mut child: Child| is_send(child.kill());
    let _ = |mut child: Child| is_send(child.communicate("input"));
    let _ = |child: Child| is_send(child.wait_with_output());
}
