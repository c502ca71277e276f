//! Loops that close while their children run.

#![cfg(unix)]

use std::io;
use std::process::Stdio;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::process::Command;

mod common;

use common::selectors::{self, on_each_selector, run};
use common::{shell_that_says, until_gone};

on_each_selector!(
    a_child_without_a_handle_is_reaped_after_its_loop,
    a_child_with_a_handle_is_reaped_after_its_loop,
    a_task_that_a_close_drops_kills_its_child_if_asked_for,
    the_pipes_of_a_closed_loop_fail,
);

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
