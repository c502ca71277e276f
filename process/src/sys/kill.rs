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

    /// Sends a signal to the process that a pidfd stands for, or to what the flags say.
    pub(in crate::sys) fn kill_by_pidfd(
        pidfd: BorrowedFd<'_>,
        signal: i32,
        flags: u32,
    ) -> io::Result<()> {
        let (signal, flags): (c_int, c_uint) = (signal, flags);
        let none: *const siginfo_t = null();
        // SAFETY: pidfd_send_signal(2) takes a descriptor, any number, no information of ours, and any flags;
        // it touches no memory.
        match unsafe { syscall(SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, none, flags) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
