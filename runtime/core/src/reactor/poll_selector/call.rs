//! One poll(2), in nanoseconds: ppoll(2).

#![allow(unsafe_code)]

use std::io;
use std::ptr;
use std::time::Duration;

use libc::{pollfd, timespec};

/// The peer will send no more.
pub(super) const RDHUP: libc::c_short = libc::POLLRDHUP;

/// Waits until something has happened to one of `watched`, or the timeout is over; `None` waits
/// without limit. Returns how many of them say something.
///
/// # Errors
///
/// If a signal has come in between, if the system has no memory left, or if there are more
/// descriptors than the process may have open.
pub(super) fn wait(watched: &mut [pollfd], timeout: Option<Duration>) -> io::Result<usize> {
    let timeout = timeout.map(|timeout| timespec {
        // Whole years: who waits longer may be woken in between.
        tv_sec: timeout.as_secs().min(i32::MAX as u64) as _,
        tv_nsec: timeout.subsec_nanos() as _,
    });
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    let count = watched.len() as libc::nfds_t;
    // SAFETY: ppoll(2) reads and writes `count` elements from the pointer on, which `watched` is,
    // borrowed exclusively; it reads the timeout, which lives until the call is over, and leaves
    // the signal mask alone when there is none. The numbers need not be open descriptors: ppoll
    // says so of those that are not, and does nothing to the others but to look at them.
    let outcome = unsafe { libc::ppoll(watched.as_mut_ptr(), count, timeout, ptr::null()) };
    usize::try_from(outcome).map_err(|_| io::Error::last_os_error())
}
