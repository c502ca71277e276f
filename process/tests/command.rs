//! What a command tells the child.

#![cfg(unix)]

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process;

use runtime::process::Command;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{getgid, getpgid, getsid, getuid};

mod common;

use common::selectors::{self, run};
use common::watchers::on_each_watcher;

on_each_watcher!(
    arguments_arrive_as_they_are,
    the_environment_is_as_it_was_set,
    the_directory_is_that_which_was_set,
    the_program_may_be_told_another_name,
    a_line_for_the_shell_may_begin_with_a_dash,
    a_group_of_its_own_is_led_by_the_child,
    a_session_of_its_own_is_led_by_the_child,
    files_are_made_with_the_mask_that_was_set,
    user_and_group_are_set_before_the_program_runs,
    code_runs_before_the_program_and_may_refuse_it,
    descriptors_arrive_under_the_numbers_they_were_given,
    descriptors_may_be_given_as_standard_streams,
    nothing_else_is_inherited,
    a_number_may_be_that_of_the_pipe_by_which_failures_are_told,
    wrong_numbers_of_descriptors_are_refused,
    commands_of_the_standard_library_come_and_go,
);

async fn said(command: &mut Command) -> io::Result<String> {
    let output = command.output().await?;
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn arguments_arrive_as_they_are() -> io::Result<()> {
    run(async {
        let mut command = Command::new("printf");
        command.arg("<%s>").args(["a b", "", "$HOME"]).args([String::from("*")]);
        assert_eq!(said(&mut command).await?, "<a b><><$HOME><*>");
        Ok(())
    })
}

fn the_environment_is_as_it_was_set() -> io::Result<()> {
    run(async {
        let mut command = Command::new("/usr/bin/env");
        command.env("FORGOTTEN", "1").env_clear().env("A", "1").envs([("B", "2"), ("C", "3")]);
        assert_eq!(said(command.env_remove("B")).await?, "A=1\nC=3\n");
        Ok(())
    })
}

fn the_directory_is_that_which_was_set() -> io::Result<()> {
    run(async {
        let folder = tempfile::tempdir()?;
        let path = folder.path().canonicalize()?;
        let mut command = Command::new("pwd");
        let pwd = said(command.current_dir(&path)).await?;
        assert_eq!(Path::new(pwd.trim_end()), path);
        Ok(())
    })
}

fn the_program_may_be_told_another_name() -> io::Result<()> {
    run(async {
        let mut command = Command::new("sh");
        assert_eq!(said(command.arg0("somebody").args(["-c", "echo $0"])).await?, "somebody\n");
        Ok(())
    })
}

fn a_line_for_the_shell_may_begin_with_a_dash() -> io::Result<()> {
    run(async {
        assert_eq!(said(&mut Command::shell("echo $((6 * 7))")).await?, "42\n");
        let output = Command::shell("-x; echo").output().await?;
        // It was run, and not taken for an option.
        assert_eq!((&output.stdout[..], output.status.code()), (&b"\n"[..], Some(0)));
        Ok(())
    })
}

fn a_group_of_its_own_is_led_by_the_child() -> io::Result<()> {
    run(async {
        let mut child = Command::new("sleep").arg("600").process_group(0).spawn()?;
        let id = common::pid(child.id().expect("it runs"));
        assert_eq!(getpgid(Some(id))?, id);
        let mut other = Command::new("sleep");
        let mut other = other.arg("600").process_group(id.as_raw_nonzero().get()).spawn()?;
        assert_eq!(getpgid(Some(common::pid(other.id().expect("it runs"))))?, id);
        // It is a member only.
        assert!(other.send_signal_to_group(libc::SIGKILL).is_err());
        child.send_signal_to_group(libc::SIGKILL)?;
        assert_eq!(other.wait().await?.signal(), Some(libc::SIGKILL));
        child.wait().await.map(drop)
    })
}

fn a_session_of_its_own_is_led_by_the_child() -> io::Result<()> {
    run(async {
        let mut command = Command::new("sleep");
        command.arg("600").start_new_session().start_new_session();
        let mut child = command.spawn()?;
        let id = common::pid(child.id().expect("it runs"));
        assert_eq!((getsid(Some(id))?, getpgid(Some(id))?), (id, id));
        child.send_signal_to_group(libc::SIGTERM)?;
        assert_eq!(child.wait().await?.signal(), Some(libc::SIGTERM));
        let error = command.process_group(0).spawn().expect_err("it leads a group");
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        Ok(())
    })
}

fn files_are_made_with_the_mask_that_was_set() -> io::Result<()> {
    run(async {
        let mut command = Command::shell("umask");
        assert_eq!(said(command.umask(0o027)).await?.trim(), "0027");
        assert_eq!(said(command.umask(0o077)).await?.trim(), "0077");
        Ok(())
    })
}

fn user_and_group_are_set_before_the_program_runs() -> io::Result<()> {
    run(async {
        let mut command = Command::shell("id -u; id -g");
        if getuid().is_root() {
            assert_eq!(said(command.uid(12345).gid(54321)).await?, "12345\n54321\n");
            return Ok(());
        }
        println!("not root: only the user that runs the test can be set");
        let (user, group) = (getuid().as_raw(), getgid().as_raw());
        assert_eq!(said(command.uid(user).gid(group)).await?, format!("{user}\n{group}\n"));
        Ok(())
    })
}

#[allow(unsafe_code)]
fn code_runs_before_the_program_and_may_refuse_it() -> io::Result<()> {
    run(async {
        let mut command = Command::shell("umask");
        let narrow = || {
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o027));
            Ok(())
        };
        // SAFETY: umask(2) is async-signal-safe.
        unsafe { command.pre_exec(narrow) };
        assert_eq!(said(&mut command).await?, "0027\n");
        // SAFETY: nothing is allocated.
        unsafe { command.pre_exec(|| Err(io::Error::from_raw_os_error(libc::ENOTEMPTY))) };
        let error = command.spawn().expect_err("refused");
        assert_eq!(error.raw_os_error(), Some(libc::ENOTEMPTY));
        Ok(())
    })
}

fn file_with(text: &str) -> io::Result<OwnedFd> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    File::from(writer).write_all(text.as_bytes())?;
    Ok(reader)
}

fn descriptors_arrive_under_the_numbers_they_were_given() -> io::Result<()> {
    run(async {
        let (one, two, three) = (file_with("one")?, file_with("two")?, file_with("three")?);
        // Two change places, and the third keeps its own.
        let (n1, n2, n3) = (one.as_raw_fd(), two.as_raw_fd(), three.as_raw_fd());
        let line = format!("cat /dev/fd/{n2} /dev/fd/{n1} /dev/fd/{n3}");
        let mut command = Command::shell(line);
        command.fd_mappings([(one, n2), (two, n1), (three, n3)])?;
        assert_eq!(said(&mut command).await?, "onetwothree");
        Ok(())
    })
}

fn descriptors_may_be_given_as_standard_streams() -> io::Result<()> {
    run(async {
        // Those that are not given are piped, or null.
        let mut cat = Command::new("cat");
        assert_eq!(said(cat.fd_mappings([(file_with("input")?, 0)])?).await?, "input");

        let (out, err) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let text = |mut file: &File| {
            let mut text = String::new();
            file.rewind()?;
            file.read_to_string(&mut text)?;
            io::Result::Ok(text)
        };
        let mut command = Command::shell("cat; cat <&7 >&2");
        command.fd_mappings([
            (out.try_clone()?.into(), 1),
            (file_with("seven")?, 7),
            (err.try_clone()?.into(), 2),
            (file_with("zero")?, 0),
        ])?;
        // Each run takes from the same pipes.
        for _ in 0..2 {
            let output = command.output().await?;
            assert!(output.status.success() && output.stdout.is_empty());
            assert_eq!((text(&out)?, text(&err)?), ("zero".into(), "seven".into()));
        }

        // What is said last counts, and it has all been given at once.
        let mut command = Command::new("cat");
        command.fd_mappings([(file_with("first")?, 0)])?.stdin(file_with("last")?);
        assert_eq!(said(&mut command).await?, "last");
        command.fd_mappings([(file_with("")?, 9)]).expect_err("a second time");
        Ok(())
    })
}

fn nothing_else_is_inherited() -> io::Result<()> {
    run(async {
        // Their numbers are out of reach of what a child opens by itself.
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        let reader = rustix::io::fcntl_dupfd_cloexec(reader, 100)?;
        let writer = rustix::io::fcntl_dupfd_cloexec(writer, 100)?;
        let mut sleeper = Command::new("cat");
        let mut sleeper = sleeper.stdin(process::Stdio::piped()).spawn()?;
        // Some may come from whoever runs the tests.
        let without = said(&mut Command::shell("ls /dev/fd/")).await?;
        let mut command = Command::shell("ls /dev/fd/");
        command.fd_mappings([(file_with("")?, 240)])?;
        let with = said(&mut command).await?;
        let added = |name: &&str| !without.split_whitespace().any(|other| other == *name);
        assert_eq!(with.split_whitespace().filter(added).collect::<Vec<_>>(), ["240"]);
        for fd in [&reader, &writer] {
            assert!(!without.split_whitespace().any(|name| name == fd.as_raw_fd().to_string()));
        }
        sleeper.wait().await.map(drop)
    })
}

fn a_number_may_be_that_of_the_pipe_by_which_failures_are_told() -> io::Result<()> {
    run(async {
        for number in 3..40 {
            let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
            let mut command = Command::new("/no/such/program");
            command.fd_mappings([(writer, number)])?;
            let error = command.spawn().expect_err("no such program");
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{number}");
            drop(command);
            // Nothing of the report has gone where it does not belong.
            let mut bytes = Vec::new();
            File::from(reader).read_to_end(&mut bytes)?;
            assert_eq!(bytes, b"", "{number}");
        }
        Ok(())
    })
}

fn wrong_numbers_of_descriptors_are_refused() -> io::Result<()> {
    let fd = || file_with("");
    let mut command = Command::new("true");
    let refused = |error: io::Error| assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    refused(command.fd_mappings([(fd()?, 7), (fd()?, 7)]).expect_err("twice the same"));
    refused(command.fd_mappings([(fd()?, -1)]).expect_err("less than nothing"));
    command.fd_mappings([(fd()?, 7)])?;
    refused(command.fd_mappings([(fd()?, 8)]).expect_err("a second time"));
    let mut command = Command::new("true");
    command.fd_mappings([(fd()?, i32::MAX)])?;
    refused(run(async { command.spawn().map(drop) }).expect_err("more than the system allows"));
    Ok(())
}

fn commands_of_the_standard_library_come_and_go() -> io::Result<()> {
    let mut std = process::Command::new("sh");
    std.args(["-c", "echo $A in $(pwd)"]).env("A", "1").current_dir("/");
    let mut command = Command::from(std);
    command.kill_on_drop(true);
    assert_eq!(command.get_program(), "sh");
    assert_eq!(command.get_args().count(), 2);
    assert_eq!(command.get_envs().count(), 1);
    assert_eq!(command.get_current_dir(), Some(Path::new("/")));
    assert!(command.get_kill_on_drop());
    assert!(format!("{command:?}").contains("echo $A"));
    assert_eq!(run(said(&mut command))?, "1 in /\n");
    command.as_std_mut().env("A", "2");
    assert_eq!(command.as_std().get_envs().count(), 1);
    // It is not run by the standard library: a loop of another test may reap whatever child there is.
    assert_eq!(run(said(&mut Command::from(command.into_std())))?, "2 in /\n");
    Ok(())
}

#[test]
fn the_standard_error_may_go_where_the_output_goes() -> io::Result<()> {
    run(async {
        let line = "echo 1; echo 2 >&2; echo 3";
        let output = Command::shell(line).stderr_to_stdout().stderr_to_stdout().output().await?;
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"1\n2\n3\n"[..], &b""[..]));
        let mut file = tempfile::tempfile()?;
        let mut command = Command::shell(line);
        command.stderr_to_stdout().stderr(process::Stdio::piped()).stdout(file.try_clone()?);
        assert!(command.status().await?.success());
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        assert_eq!(text, "1\n2\n3\n");
        Ok(())
    })
}
