//! A process ends when its main function does, whatever its blocking jobs do.

use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use runtime::{LoopGroup, Runtime, spawn_blocking};

/// Begins a job that never ends.
async fn begin_stuck_job() {
    let (started, starts) = futures::channel::oneshot::channel();
    drop(spawn_blocking(move || {
        started.send(()).unwrap();
        let (_sender, receiver) = channel::<()>();
        let _ = receiver.recv();
    }));
    starts.await.unwrap();
}

/// Runs `main` in a process of its own, and waits for its end, which it should come to.
fn assert_ends(test: &str, main: impl FnOnce()) {
    if std::env::var_os("ROLE").is_some() {
        return main();
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", test]).env("ROLE", "child").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn run_leaves_a_stuck_job_behind() {
    assert_ends("run_leaves_a_stuck_job_behind", || runtime::run(begin_stuck_job()));
}

#[test]
fn so_does_a_shutdown_with_a_deadline() {
    assert_ends("so_does_a_shutdown_with_a_deadline", || {
        let rt = Runtime::new().unwrap();
        rt.block_on(begin_stuck_job());
        assert_eq!(rt.shutdown_blocking(Some(Duration::ZERO)).stuck().len(), 1);
        assert_eq!(rt.shutdown(Duration::from_millis(1)).blocking().stuck().len(), 1);
    });
}

#[test]
fn so_does_a_group() {
    assert_ends("so_does_a_group", || {
        let group = LoopGroup::builder().loops(2).build().unwrap();
        for begun in group.run(|_| begin_stuck_job()) {
            begun.unwrap();
        }
        assert!(!group.shutdown(Duration::from_millis(1)).ended_well());
    });
}
