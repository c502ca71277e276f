//! Loops that close while their children run.

#![cfg(unix)]

use std::fs::File;
use std::io::{self, Read};
use std::process::Stdio;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::process::Command;
use rustix::pipe::{PipeFlags, pipe_with};

mod common;

use common::selectors::{self, run};
use common::watchers::on_each_watcher;
use common::{shell_that_says, until_gone};

on_each_watcher!(
    a_child_without_a_handle_is_reaped_after_its_loop,
    a_child_with_a_handle_is_reaped_after_its_loop,
    a_task_that_a_close_drops_kills_its_child_if_asked_for,
    the_pipes_of_a_closed_loop_fail,
    what_is_spawned_while_a_loop_closes_is_killed_with_its_handle,
);

/// Runs a command where it is dropped.
struct Late(Command);

impl Drop for Late {
    fn drop(&mut self) {
        // With a pipe for the loop to take, and without. Whether it still does is not the question.
        drop(self.0.stdin(Stdio::piped()).spawn());
        drop(self.0.stdin(Stdio::null()).spawn());
    }
}

fn what_is_spawned_while_a_loop_closes_is_killed_with_its_handle() -> io::Result<()> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let mut command = Command::new("sleep");
    command.arg("600").stdout(writer).kill_on_drop(true);
    run(async {
        let late = Late(command);
        runtime::spawn(async move {
            futures::future::pending::<()>().await;
            drop(late);
        });
        runtime::task::yield_now().await;
    });
    // Its end tells that no process has the pipe any more.
    assert_eq!(File::from(reader).read(&mut [0])?, 0);
    Ok(())
}

fn a_child_without_a_handle_is_reaped_after_its_loop() -> io::Result<()> {
    let (id, stdin) = run(async {
        let mut child = shell_that_says("true", "read line").await?;
        let stdin = child.stdin.take().expect("it is piped").into_owned_fd()?;
        io::Result::Ok((child.id().expect("it runs"), stdin))
    })?;
    assert!(common::exists(id));
    drop(stdin);
    run(until_gone(id));
    Ok(())
}

fn a_child_with_a_handle_is_reaped_after_its_loop() -> io::Result<()> {
    let (mut child, stdin) = run(async {
        let mut child = shell_that_says("true", "read line; exit 8").await?;
        let stdin = child.stdin.take().expect("it is piped").into_owned_fd()?;
        io::Result::Ok((child, stdin))
    })?;
    let id = child.id().expect("it runs");
    assert_eq!(child.try_wait()?, None);
    drop(stdin);
    run(async {
        until_gone(id).await;
        assert_eq!(child.wait().await?.code(), Some(8));
        Ok(())
    })
}

fn a_task_that_a_close_drops_kills_its_child_if_asked_for() -> io::Result<()> {
    let (sender, mut receiver) = futures::channel::mpsc::unbounded();
    run(async {
        runtime::spawn(async move {
            let mut child = Command::new("sleep").arg("600").kill_on_drop(true).spawn()?;
            sender.unbounded_send(child.id().expect("it runs")).expect("it is wanted");
            child.wait().await
        });
        runtime::task::yield_now().await;
    });
    let id = receiver.try_recv().expect("it has been spawned");
    run(until_gone(id));
    Ok(())
}

fn the_pipes_of_a_closed_loop_fail() -> io::Result<()> {
    let mut child =
        run(async { Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() })?;
    run(async {
        let (mut stdin, mut stdout) =
            (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        stdin.write(b"x").await.expect_err("its loop is closed");
        stdout.read(&mut [0]).await.expect_err("its loop is closed");
        drop(stdin);
        assert!(child.wait().await?.success());
        Ok(())
    })
}
