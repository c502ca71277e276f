//! Waiting for a child, and signalling it.

#![cfg(unix)]

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::Stdio;
use std::task::Poll;
use std::time::Duration;

use futures::{AsyncReadExt, poll};
use runtime::process::{Child, Command};
use rustix::process::{WaitId, WaitIdOptions, waitid};

mod common;

use common::selectors::{self, run};
use common::watchers::on_each_watcher;
use common::{line_of, shell_that_says, until_gone};

on_each_watcher!(
    the_status_is_that_of_the_program,
    waiting_again_returns_the_same_status,
    a_wait_that_is_cancelled_loses_nothing,
    waiting_on_another_task_and_in_another_loop_works,
    waiting_closes_the_input,
    trying_to_wait_leaves_the_input_open,
    the_pid_is_gone_with_the_child,
    a_killed_child_has_died_of_sigkill,
    a_child_can_be_asked_to_end,
    any_signal_can_be_sent,
    a_number_that_is_no_signal_is_refused,
    a_child_that_has_ended_is_not_signalled,
    a_child_that_heeds_the_request_is_not_killed,
    a_child_that_ignores_the_request_is_killed_after_the_grace,
    a_stopped_child_is_still_running,
    a_group_is_signalled_as_a_whole,
    a_group_that_heeds_the_request_is_not_killed,
    a_group_that_ignores_the_request_is_killed_after_the_grace,
    without_a_group_there_is_nothing_to_signal,
    a_dropped_child_lives_on_and_is_reaped,
    a_child_is_killed_on_drop_if_asked_for,
    a_status_that_nobody_waits_for_kills_if_asked_for,
    a_child_of_the_standard_library_is_taken_over,
);

fn the_status_is_that_of_the_program() -> io::Result<()> {
    run(async {
        assert!(Command::new("true").status().await?.success());
        assert_eq!(Command::new("false").status().await?.code(), Some(1));
        assert_eq!(Command::shell("exit 7").status().await?.code(), Some(7));
        assert_eq!(Command::shell("kill -9 $$").status().await?.signal(), Some(9));
        Ok(())
    })
}

fn waiting_again_returns_the_same_status() -> io::Result<()> {
    run(async {
        let mut child = Command::shell("exit 3").spawn()?;
        let status = child.wait().await?;
        assert_eq!(status.code(), Some(3));
        assert_eq!(child.wait().await?, status);
        assert_eq!(child.try_wait()?, Some(status));
        Ok(())
    })
}

fn a_wait_that_is_cancelled_loses_nothing() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "read line; exit 5").await?;
        let stdin = child.stdin.take();
        for _ in 0..3 {
            let mut wait = Box::pin(child.wait());
            assert!(poll!(wait.as_mut()).is_pending());
        }
        assert_eq!(child.try_wait()?, None);
        drop(stdin);
        assert_eq!(child.wait().await?.code(), Some(5));
        Ok(())
    })
}

fn waiting_on_another_task_and_in_another_loop_works() -> io::Result<()> {
    let choice = selectors::choice();
    let (mut child, stdin) = run(async {
        let mut child = shell_that_says("true", "read line; exit 6").await?;
        // Which a wait would close.
        let stdin = child.stdin.take();
        {
            // The last to poll is who is told.
            let mut wait = pin!(child.wait());
            assert!(poll!(wait.as_mut()).is_pending());
        }
        io::Result::Ok((child, stdin))
    })?;
    drop(stdin);
    let wait = std::thread::spawn(move || {
        selectors::on(choice, || run(async { child.wait().await.map(|status| status.code()) }))
    });
    assert_eq!(wait.join().expect("no panic")?, Some(6));
    Ok(())
}

fn waiting_closes_the_input() -> io::Result<()> {
    run(async {
        let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn()?;
        assert!(cat.wait().await?.success());
        assert!(cat.stdin.is_none());
        Ok(())
    })
}

fn trying_to_wait_leaves_the_input_open() -> io::Result<()> {
    run(async {
        let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn()?;
        assert_eq!(cat.try_wait()?, None);
        assert!(cat.stdin.is_some());
        cat.wait().await.map(drop)
    })
}

fn the_pid_is_gone_with_the_child() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "read line").await?;
        let id = child.id().expect("it runs");
        assert!(common::exists(id));
        child.wait().await?;
        assert_eq!(child.id(), None);
        Ok(())
    })
}

fn a_killed_child_has_died_of_sigkill() -> io::Result<()> {
    run(async {
        let mut child = Command::new("sleep").arg("600").spawn()?;
        child.kill().await?;
        assert_eq!(child.wait().await?.signal(), Some(libc::SIGKILL));
        let mut child = Command::new("sleep").arg("600").spawn()?;
        child.start_kill()?;
        assert_eq!(child.wait().await?.signal(), Some(libc::SIGKILL));
        Ok(())
    })
}

fn a_child_can_be_asked_to_end() -> io::Result<()> {
    run(async {
        let mut child = Command::new("sleep").arg("600").spawn()?;
        child.terminate()?;
        assert_eq!(child.wait().await?.signal(), Some(libc::SIGTERM));
        Ok(())
    })
}

fn any_signal_can_be_sent() -> io::Result<()> {
    run(async {
        let mut child =
            shell_that_says("trap 'echo told' USR1", "while :; do sleep 0.01; done").await?;
        child.send_signal(libc::SIGUSR1)?;
        let mut stdout = child.stdout.take().expect("it is piped");
        assert_eq!(line_of(&mut stdout).await?, "told");
        child.send_signal(libc::SIGINT)?;
        assert_eq!(child.wait().await?.signal(), Some(libc::SIGINT));
        Ok(())
    })
}

fn a_number_that_is_no_signal_is_refused() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "read line").await?;
        for number in [-1, 1000, i32::MAX, i32::MIN] {
            let error = child.send_signal(number).expect_err("no such signal");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{number}");
        }
        assert!(!child.wait().await?.success());
        Ok(())
    })
}

fn a_child_that_has_ended_is_not_signalled() -> io::Result<()> {
    run(async {
        let mut child = Command::new("true").process_group(0).spawn()?;
        assert!(child.wait().await?.success());
        // Were the number not looked at, this would fail with ESRCH, or hit a stranger.
        child.terminate()?;
        child.start_kill()?;
        child.send_signal(libc::SIGUSR1)?;
        child.send_signal_to_group(libc::SIGUSR1)?;
        child.kill().await?;
        assert!(child.terminate_then_kill(Duration::from_secs(1)).await?.success());
        Ok(())
    })
}

fn a_child_that_heeds_the_request_is_not_killed() -> io::Result<()> {
    run(async {
        let mut child =
            shell_that_says("trap 'exit 4' TERM", "while :; do sleep 0.01; done").await?;
        let status = child.terminate_then_kill(Duration::from_secs(600)).await?;
        assert_eq!(status.code(), Some(4));
        Ok(())
    })
}

fn a_child_that_ignores_the_request_is_killed_after_the_grace() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("trap '' TERM", "while :; do sleep 0.01; done").await?;
        let status = child.terminate_then_kill(Duration::from_millis(50)).await?;
        assert_eq!(status.signal(), Some(libc::SIGKILL));
        Ok(())
    })
}

fn a_stopped_child_is_still_running() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "read line").await?;
        child.send_signal(libc::SIGSTOP)?;
        let id = common::pid(child.id().expect("it runs"));
        waitid(WaitId::Pid(id), WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT)?;
        assert_eq!(child.try_wait()?, None);
        let status = child.terminate_then_kill(Duration::from_millis(20)).await?;
        // SIGTERM waits for the child to be continued.
        assert_eq!(status.signal(), Some(libc::SIGKILL));
        Ok(())
    })
}

fn a_group_is_signalled_as_a_whole() -> io::Result<()> {
    run(async {
        let mut shell = Command::shell("sleep 600 & echo $!; wait")
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdout = shell.stdout.take().expect("it is piped");
        let grandchild: u32 = line_of(&mut stdout).await?.parse().expect("a pid");
        assert!(common::exists(grandchild));
        shell.send_signal_to_group(libc::SIGKILL)?;
        assert_eq!(shell.wait().await?.signal(), Some(libc::SIGKILL));
        // The grandchild held the pipe open.
        assert_eq!(stdout.read(&mut [0; 8]).await?, 0);
        Ok(())
    })
}

/// A shell that leads a group, in which another one runs `line`, which says when it is ready. Their output ends
/// with the last of them.
async fn shell_with_child(line: &str) -> io::Result<Child> {
    leader(&format!("({line}) & wait")).await
}

async fn leader(line: &str) -> io::Result<Child> {
    let mut command = Command::shell(line);
    // They say how others end.
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut shell = command.spawn()?;
    assert_eq!(line_of(shell.stdout.as_mut().expect("it is piped")).await?, "ready");
    Ok(shell)
}

fn a_group_that_heeds_the_request_is_not_killed() -> io::Result<()> {
    run(async {
        let line =
            "trap 'sleep 0.1; echo asked; exit' TERM; echo ready; while :; do sleep 0.01; done";
        let mut shell = shell_with_child(line).await?;
        let mut stdout = shell.stdout.take().expect("it is piped");
        let status = shell.terminate_group_then_kill(Duration::from_secs(5)).await?;
        assert_eq!(status.signal(), Some(libc::SIGTERM));
        // The shell is gone at once, and the other one takes its time.
        assert_eq!(line_of(&mut stdout).await?, "asked");
        assert_eq!(stdout.read(&mut [0; 8]).await?, 0);
        // Nobody is left.
        assert_eq!(shell.terminate_group_then_kill(Duration::ZERO).await?, status);
        Ok(())
    })
}

fn a_group_that_ignores_the_request_is_killed_after_the_grace() -> io::Result<()> {
    run(async {
        let deaf = "trap '' TERM; echo ready; while :; do sleep 0.01; done";
        let mut shell = leader(deaf).await?;
        let mut stdout = shell.stdout.take().expect("it is piped");
        let status = shell.terminate_group_then_kill(Duration::from_millis(50)).await?;
        assert_eq!(status.signal(), Some(libc::SIGKILL));
        assert_eq!(stdout.read(&mut [0; 8]).await?, 0);

        // The one who leads the group listens, and is reaped before the grace is over.
        let mut shell = shell_with_child(deaf).await?;
        let mut stdout = shell.stdout.take().expect("it is piped");
        if !groups_outlive_their_leaders() {
            println!("skipped: Linux before 6.9");
            return shell.send_signal_to_group(libc::SIGKILL);
        }
        let status = shell.terminate_group_then_kill(Duration::from_millis(50)).await?;
        assert_eq!(status.signal(), Some(libc::SIGTERM));
        assert_eq!(stdout.read(&mut [0; 8]).await?, 0);
        Ok(())
    })
}

/// Whether they can be signalled then.
fn groups_outlive_their_leaders() -> bool {
    let system = rustix::system::uname();
    let release = system.release().to_string_lossy().into_owned();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let version = (numbers.next().and_then(Result::ok), numbers.next().and_then(Result::ok));
    cfg!(target_os = "linux") && version >= (Some(6), Some(9))
}

fn without_a_group_there_is_nothing_to_signal() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "read line; true").await?;
        let error = child.send_signal_to_group(libc::SIGKILL).expect_err("no group");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(child.wait().await?.success());
        Ok(())
    })
}

fn a_dropped_child_lives_on_and_is_reaped() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "read line; echo $line").await?;
        let id = child.id().expect("it runs");
        let (stdin, mut stdout) = (child.stdin.take(), child.stdout.take().expect("it is piped"));
        drop(child);
        assert!(common::exists(id));
        let mut stdin = stdin.expect("it is piped");
        futures::AsyncWriteExt::write_all(&mut stdin, b"alive\n").await?;
        assert_eq!(line_of(&mut stdout).await?, "alive");
        until_gone(id).await;
        Ok(())
    })
}

fn a_child_is_killed_on_drop_if_asked_for() -> io::Result<()> {
    run(async {
        let child = Command::new("sleep").arg("600").kill_on_drop(true).spawn()?;
        let id = child.id().expect("it runs");
        drop(child);
        until_gone(id).await;
        Ok(())
    })
}

fn a_status_that_nobody_waits_for_kills_if_asked_for() -> io::Result<()> {
    run(async {
        let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let mut command = Command::new("sleep");
        command.arg("600").stdout(writer).kill_on_drop(true);
        let status = command.status();
        drop(command);
        drop(status);
        // Its end closes the last descriptor for writing.
        let reader = std::process::ChildStdout::from(reader);
        let mut reader = runtime::process::ChildStdout::from_std(reader)?;
        assert_eq!(reader.read(&mut [0; 8]).await?, 0);
        Ok(())
    })
}

fn a_child_of_the_standard_library_is_taken_over() -> io::Result<()> {
    run(async {
        let mut std = std::process::Command::new("sh");
        std.args(["-c", "cat; exit 2"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = Child::try_from(std.spawn()?)?;
        let output = child.communicate("there and back").await?;
        assert_eq!(output.stdout, b"there and back");
        assert_eq!(output.status.code(), Some(2));
        Ok(())
    })
}

#[test]
fn polling_after_the_end_is_ready_at_once() -> io::Result<()> {
    run(async {
        let mut child = Command::new("true").spawn()?;
        child.wait().await?;
        assert!(matches!(poll!(Box::pin(child.wait())), Poll::Ready(Ok(_))));
        Ok(())
    })
}
