//! kill(2), for any number that the system takes.
//!
//! rustix has a safe one for the signals that have names, which leaves out the real-time ones.

#![allow(unsafe_code)]

use std::io;

use rustix::process::Pid;

/// Sends a signal to one process.
pub(super) fn kill(pid: Pid, signal: i32) -> io::Result<()> {
    // SAFETY: kill(2) takes any two numbers and touches no memory of ours.
    match unsafe { libc::kill(pid.as_raw_nonzero().get(), signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
