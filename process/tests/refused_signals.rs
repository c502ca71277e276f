//! A system that does not let pidfds be signalled has its children signalled by their pids.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use std::io;
use std::os::unix::process::ExitStatusExt;

use runtime::process::Command;

#[path = "common/sandbox.rs"]
mod sandbox;

use sandbox::{Refusal, inside};

#[test]
fn a_child_is_signalled_by_its_pid() -> io::Result<()> {
    for error in [libc::ENOSYS, libc::EPERM, libc::EACCES] {
        let no_signals = Refusal::of(libc::SYS_pidfd_send_signal, error);
        let status = inside(vec![no_signals], || {
            runtime::run(async {
                let mut child = Command::new("sleep").arg("600").spawn()?;
                child.send_signal(libc::SIGUSR1)?;
                child.wait().await
            })
        });
        assert_eq!(status?.signal(), Some(libc::SIGUSR1));
    }
    Ok(())
}
