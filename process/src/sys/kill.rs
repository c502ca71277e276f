//! kill(2), for any number that the system takes.
//!
//! rustix has a safe one for the signals that have names, which leaves out the real-time ones.

#![allow(unsafe_code)]

use std::io;

/// Sends a signal to one process, or to the group whose negated number it is.
pub(super) fn kill(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: kill(2) takes any two numbers and touches no memory of ours.
    match unsafe { libc::kill(pid, signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
