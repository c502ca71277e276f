//! Numbers that the child's descriptors are to have, which may be anybody's in this process.
//!
//! One test, alone in its process: it guesses which numbers are the next, and a failed exec changes the process.

#![cfg(unix)]

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Stdio;

use runtime::process::Command;
use rustix::io::fcntl_dupfd_cloexec;

#[test]
fn a_descriptor_may_have_any_number() -> io::Result<()> {
    // Those of what is opened while the child is being made.
    for offset in 0..16 {
        let mut file = tempfile::tempfile()?;
        file.write_all(b"text")?;
        file.rewind()?;
        let number = File::open("/dev/null")?.as_raw_fd() + offset;
        let mut command = Command::shell(format!("cat /dev/fd/{number}"));
        command.fd_mappings([(file.into(), number)])?;
        let output = runtime::run(async { command.output().await })?;
        assert_eq!(String::from_utf8_lossy(&output.stdout), "text", "{offset}");
    }
    by_others()
}

/// Commands that are run by the standard library, or in the place of this process.
fn by_others() -> io::Result<()> {
    let file = || io::Result::Ok(OwnedFd::from(tempfile::tempfile()?));
    let mut command = Command::new("cat");
    let taken = fcntl_dupfd_cloexec(file()?, 100)?;
    let number = taken.as_raw_fd();
    command.stdout(Stdio::null()).fd_mappings([(file()?, number)])?;
    // It is somebody's while the loop runs the command, and somebody else's afterwards.
    assert!(runtime::run(async { command.status().await })?.success());
    drop(taken);
    let taken = fcntl_dupfd_cloexec(File::open("/dev/null")?, number)?;
    assert!(command.as_std_mut().stdin(Stdio::null()).status()?.success());

    let mut missing = Command::new("/no/such/program");
    missing.fd_mappings([(file()?, number)])?;
    let kind = runtime::run(async { missing.spawn() }).map_err(|error| error.kind());
    assert_eq!(kind.expect_err("there is none"), io::ErrorKind::NotFound);
    drop(taken);
    let _taken = fcntl_dupfd_cloexec(file()?, number)?;
    assert_eq!(missing.exec().kind(), io::ErrorKind::NotFound);
    Ok(())
}
