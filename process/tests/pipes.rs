//! The pipes to and from a child.

#![cfg(unix)]

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{self, Stdio};

use futures::{AsyncReadExt, AsyncWriteExt, poll};
use runtime::process::{Child, ChildStdin, ChildStdout, Command};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::pipe::{PipeFlags, pipe_with};

mod common;

use common::selectors::{self, run};
use common::watchers::on_each_watcher;
use common::{line_of, shell_that_says};

on_each_watcher!(
    bytes_go_in_and_come_out,
    closing_ends_the_childs_input,
    dropping_ends_the_childs_input,
    a_dead_childs_input_is_a_broken_pipe,
    a_full_pipe_makes_the_writer_wait,
    vectored_and_empty_reads_and_writes,
    a_child_feeds_another,
    a_child_is_fed_by_another_that_starts_later,
    only_our_end_is_nonblocking,
    what_is_given_away_blocks,
    the_standard_librarys_pipes_come_and_go,
    a_pipe_that_was_closed_has_nothing_to_give,
    other_errors_than_the_end_are_reported,
    #[cfg(target_os = "linux")]
    a_child_that_writes_packets_does_not_stall_the_reader,
);

fn nonblocking(fd: impl AsFd) -> io::Result<bool> {
    Ok(fcntl_getfl(fd)?.contains(OFlags::NONBLOCK))
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe_with(PipeFlags::CLOEXEC)?)
}

fn bytes_go_in_and_come_out() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "cat").await?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let stdout = child.stdout.as_mut().expect("it is piped");
        for line in ["one", "two"] {
            stdin.write_all(line.as_bytes()).await?;
            stdin.write_all(b"\n").await?;
            stdin.flush().await?;
            assert_eq!(line_of(stdout).await?, line);
        }
        assert!(child.stderr.is_none());
        drop(stdin);
        assert!(child.wait().await?.success());
        Ok(())
    })
}

fn closing_ends_the_childs_input() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "cat; echo end").await?;
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.close().await?;
        let stdout = child.stdout.as_mut().expect("it is piped");
        assert_eq!(line_of(stdout).await?, "end");
        let error = stdin.write(b"late").await.expect_err("it is closed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        stdin.close().await?;
        child.wait().await.map(drop)
    })
}

fn dropping_ends_the_childs_input() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "cat; echo end").await?;
        drop(child.stdin.take());
        let stdout = child.stdout.as_mut().expect("it is piped");
        assert_eq!(line_of(stdout).await?, "end");
        child.wait().await.map(drop)
    })
}

fn a_dead_childs_input_is_a_broken_pipe() -> io::Result<()> {
    run(async {
        let mut child = Command::new("sleep").arg("600").stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        child.kill().await?;
        // A program that another thread starts at this moment has the pipe's other end until it is executed.
        let error = loop {
            if let Err(error) = stdin.write(b"anybody there?").await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        Ok(())
    })
}

fn a_full_pipe_makes_the_writer_wait() -> io::Result<()> {
    run(async {
        let mut child = Command::new("sleep").arg("600").stdin(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let much = vec![0; 1 << 20];
        let mut write = Box::pin(stdin.write_all(&much));
        assert!(poll!(write.as_mut()).is_pending());
        child.start_kill()?;
        let error = write.await.expect_err("nobody will read it");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        child.wait().await.map(drop)
    })
}

fn vectored_and_empty_reads_and_writes() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "cat").await?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let mut stdout = child.stdout.take().expect("it is piped");
        assert_eq!(stdin.write(b"").await?, 0);
        assert_eq!(stdin.write_vectored(&[]).await?, 0);
        assert_eq!(stdout.read(&mut []).await?, 0);
        assert_eq!(stdout.read_vectored(&mut [IoSliceMut::new(&mut [])]).await?, 0);
        let many = vec![IoSlice::new(b"ab"); 2000];
        assert_eq!(stdin.write_vectored(&many).await?, 2048);
        stdin.close().await?;
        let mut all: Vec<u8> = Vec::new();
        let (mut one, mut two) = ([0; 3], [0; 5]);
        loop {
            let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
            let count = stdout.read_vectored(&mut bufs).await?;
            if count == 0 {
                break;
            }
            all.extend(one.iter().chain(&two).take(count));
        }
        assert_eq!(all, b"ab".repeat(1024));
        child.wait().await.map(drop)
    })
}

fn a_child_feeds_another() -> io::Result<()> {
    run(async {
        let mut first = Command::shell("seq 100000").stdout(Stdio::piped()).spawn()?;
        let between = first.stdout.take().expect("it is piped");
        let mut tail = Command::new("tail");
        let last = tail.args(["-n", "1"]).stdin(Stdio::try_from(between)?).output();
        // As long as the command is there, it holds an end of the pipe.
        drop(tail);
        assert_eq!(last.await?.stdout, b"100000\n");
        assert!(first.wait().await?.success());
        Ok(())
    })
}

fn a_child_is_fed_by_another_that_starts_later() -> io::Result<()> {
    run(async {
        let mut last = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let between = Stdio::try_from(last.stdin.take().expect("it is piped"))?;
        assert!(Command::new("echo").arg("late").stdout(between).status().await?.success());
        assert_eq!(last.wait_with_output().await?.stdout, b"late\n");
        Ok(())
    })
}

fn only_our_end_is_nonblocking() -> io::Result<()> {
    run(async {
        let (reader, writer) = pipe()?;
        let ours = ChildStdout::from_std(process::ChildStdout::from(reader))?;
        assert!(nonblocking(&ours)?);
        assert!(!nonblocking(&writer)?);
        let (reader, writer) = pipe()?;
        let ours = ChildStdin::from_std(process::ChildStdin::from(writer))?;
        assert!(nonblocking(&ours)?);
        assert!(!nonblocking(&reader)?);
        Ok(())
    })
}

fn what_is_given_away_blocks() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "cat").await?;
        let stdin = child.stdin.take().expect("it is piped").into_owned_fd()?;
        let stdout = child.stdout.take().expect("it is piped").into_owned_fd()?;
        assert!(!nonblocking(&stdin)? && !nonblocking(&stdout)?);
        File::from(stdin).write_all(b"through\n")?;
        let mut text = String::new();
        File::from(stdout).read_to_string(&mut text)?;
        assert_eq!(text, "through\n");
        child.wait().await.map(drop)
    })
}

fn the_standard_librarys_pipes_come_and_go() -> io::Result<()> {
    run(async {
        let mut child = process::Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = ChildStdin::try_from(child.stdin.take().expect("it is piped"))?;
        let mut stdout = ChildStdout::try_from(child.stdout.take().expect("it is piped"))?;
        stdin.write_all(b"one\n").await?;
        assert_eq!(line_of(&mut stdout).await?, "one");
        let mut stdin = stdin.into_std()?;
        stdin.write_all(b"two\n")?;
        drop(stdin);
        let mut text = String::new();
        stdout.into_std()?.read_to_string(&mut text)?;
        assert_eq!(text, "two\n");
        // Not by the standard library: a loop of another test may reap whatever child there is.
        Child::from_std(child)?.wait().await.map(drop)
    })
}

fn a_pipe_that_was_closed_has_nothing_to_give() -> io::Result<()> {
    run(async {
        let (_reader, writer) = pipe()?;
        let mut stdin = ChildStdin::from_std(process::ChildStdin::from(writer))?;
        stdin.close().await?;
        let error = Stdio::try_from(stdin).expect_err("it is closed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        Ok(())
    })
}

fn other_errors_than_the_end_are_reported() -> io::Result<()> {
    run(async {
        let (reader, writer) = pipe()?;
        // The wrong way round, which the system finds out.
        let mut stdin = ChildStdin::from_std(process::ChildStdin::from(reader))?;
        let error = stdin.write(b"x").await.expect_err("it is not open for writing");
        assert_ne!(error.kind(), io::ErrorKind::BrokenPipe);
        let mut stdout = ChildStdout::from_std(process::ChildStdout::from(writer))?;
        stdout.read(&mut [0; 1]).await.expect_err("it is not open for reading");
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn a_child_that_writes_packets_does_not_stall_the_reader() -> io::Result<()> {
    run(async {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::DIRECT)?;
        let mut stdout = ChildStdout::from_std(process::ChildStdout::from(reader))?;
        let mut writer = File::from(writer);
        let mut buf = [0; 100];
        assert!(poll!(stdout.read(&mut buf)).is_pending());
        writer.write_all(b"one")?;
        writer.write_all(b"three")?;
        assert_eq!(stdout.read(&mut buf).await?, 3);
        assert_eq!(stdout.read(&mut buf).await?, 5);
        Ok(())
    })
}
