//! Commands that are run by the standard library, or in the place of this process.
//!
//! One test, alone in its process: it minds numbers of descriptors, and a failed exec changes the process.

#![cfg(unix)]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Stdio;

use runtime::process::Command;
use rustix::io::fcntl_dupfd_cloexec;

#[test]
fn numbers_of_descriptors_are_nobody_s_business_after_a_spawn() -> io::Result<()> {
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
