//! kill(2) and its kin, for any number that the system takes.
//!
//! rustix has safe ones for the signals that have names, which leaves out the real-time ones.

#![allow(unsafe_code)]

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use by_pidfd::kill_by_pidfd;
use std::io;

/// Sends a signal to one process, or to the group whose negated number it is.
pub(super) fn kill(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: kill(2) takes any two numbers and touches no memory of ours.
    match unsafe { libc::kill(pid, signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod by_pidfd {
    use std::io;
    use std::os::fd::{AsRawFd, BorrowedFd};
    use std::ptr::null;

    use libc::{SYS_pidfd_send_signal, c_int, c_uint, siginfo_t, syscall};

    /// Sends a signal to the process that a pidfd stands for.
    pub(in crate::sys) fn kill_by_pidfd(pidfd: BorrowedFd<'_>, signal: i32) -> io::Result<()> {
        let signal: c_int = signal;
        let (none, no_flags): (*const siginfo_t, c_uint) = (null(), 0);
        // SAFETY: pidfd_send_signal(2) takes a descriptor, any number, no information of ours, and no flags;
        // it touches no memory.
        match unsafe { syscall(SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, none, no_flags) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
