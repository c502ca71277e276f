//! Commands that cannot be run.

#![cfg(unix)]

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;

use runtime::process::{Child, ChildStdout, Command};
use rustix::pipe::{PipeFlags, pipe_with};

mod common;

use common::selectors::{self, run};
use common::watchers::on_each_watcher;

on_each_watcher!(
    a_missing_program_is_named,
    a_missing_directory_is_named,
    a_file_that_is_no_program_is_named,
    what_has_a_zero_in_it_is_refused,
    the_same_command_works_once_there_is_a_program,
);

#[track_caller]
fn fails(command: &mut Command, kind: ErrorKind, named: &str) {
    let error = command.spawn().expect_err("it cannot run");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(named), "{error}");
}

fn a_missing_program_is_named() {
    run(async {
        fails(&mut Command::new("no-such-program"), ErrorKind::NotFound, "no-such-program");
        let error = Command::new("/no/such").output().await.expect_err("it cannot run");
        assert!(error.to_string().contains("/no/such"), "{error}");
        let cause = error.get_ref().and_then(std::error::Error::source).expect("there is a cause");
        let cause = cause.downcast_ref::<io::Error>().expect("the system's");
        assert_eq!(cause.raw_os_error(), Some(libc::ENOENT));
        let error = Command::new("/no/such").status().await.expect_err("it cannot run");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    });
}

fn a_missing_directory_is_named() {
    run(async {
        fails(Command::new("true").current_dir("/no/dir"), ErrorKind::NotFound, "/no/dir");
    });
}

fn a_file_that_is_no_program_is_named() -> io::Result<()> {
    run(async {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("letter");
        fs::write(&file, "Dear reader")?;
        fails(&mut Command::new(&file), ErrorKind::PermissionDenied, "letter");
        fails(&mut Command::new(folder.path()), ErrorKind::PermissionDenied, "cannot run");
        fails(&mut Command::new(file.join("more")), ErrorKind::NotADirectory, "more");
        fs::set_permissions(&file, Permissions::from_mode(0o755))?;
        let error = Command::new(&file).spawn().expect_err("it has no interpreter");
        assert_eq!(error.raw_os_error(), Some(libc::ENOEXEC));
        Ok(())
    })
}

fn what_has_a_zero_in_it_is_refused() {
    run(async {
        let error = Command::new("true").arg("a\0b").spawn().expect_err("not for the system");
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    });
}

fn the_same_command_works_once_there_is_a_program() -> io::Result<()> {
    run(async {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("program");
        let mut command = Command::new(&file);
        assert!(command.status().await.is_err());
        std::os::unix::fs::symlink("/bin/true", &file)?;
        assert!(command.status().await?.success());
        Ok(())
    })
}

#[test]
fn outside_of_a_loop_nothing_is_started() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("sign");
    let error = Command::new("touch").arg(&file).spawn().expect_err("no loop");
    assert!(error.to_string().contains("there is no reactor running"), "{error}");
    assert!(!file.exists());

    let child = std::process::Command::new("sleep").arg("600").spawn()?;
    let id = child.id();
    // It is watched or refused, and in the latter case killed.
    if let Ok(child) = Child::from_std(child) {
        child.start_kill()?;
    }
    run(common::until_gone(id));

    let (reader, _writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let reader = std::process::ChildStdout::from(reader);
    ChildStdout::from_std(reader).expect_err("no loop");
    Ok(())
}
