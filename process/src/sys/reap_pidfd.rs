//! Reaping by pidfd, on Linux.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};

use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitIdStatus, waitid};

/// What a wait status has set if a signal has left a core dump.
const CORE: i32 = 0x80;

/// Reaps the child that a pidfd stands for, if it has ended.
///
/// Unlike its pid, the descriptor never comes to mean another child, should foreign code have reaped this
/// one.
pub(crate) fn reap_by_pidfd(child: &mut Child, fd: &OwnedFd) -> io::Result<Option<ExitStatus>> {
    loop {
        match waitid(WaitId::PidFd(fd.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
            Ok(ended) => return Ok(ended.as_ref().map(status)),
            Err(Errno::INTR) => {}
            // Linux 5.3 has pidfds but cannot wait for them.
            Err(Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::ACCESS) => {
                return child.try_wait();
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn status(ended: &WaitIdStatus) -> ExitStatus {
    let raw = match (ended.exit_status(), ended.terminating_signal()) {
        (Some(code), _) => (code & 0xff) << 8,
        (None, signal) => signal.unwrap_or_default() | if ended.dumped() { CORE } else { 0 },
    };
    ExitStatus::from_raw(raw)
}

/// A number as a pid.
pub(crate) fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}
