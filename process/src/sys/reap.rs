//! Reaping on Unix.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::io::Errno;
use rustix::process::{WaitOptions, wait};

/// Reaps some child that has ended, if there is any.
pub(crate) fn reap_any() -> Option<(u32, ExitStatus)> {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(ended) => {
                let (pid, status) = ended?;
                return Some((
                    pid.as_raw_pid().unsigned_abs(),
                    ExitStatus::from_raw(status.as_raw()),
                ));
            }
            Err(Errno::INTR) => {}
            // There is no child at all.
            Err(_) => return None,
        }
    }
}

/// Whether an error says that there is no such child (any more).
pub(crate) fn is_no_child(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::CHILD.raw_os_error())
}
