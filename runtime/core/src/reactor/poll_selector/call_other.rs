//! One poll(2), in milliseconds.

#![allow(unsafe_code)]

use std::io;
use std::time::Duration;

use libc::pollfd;

/// The peer will send no more: there is no word for it here, but the end of the stream is readable.
pub(super) const RDHUP: libc::c_short = 0;

/// Waits until something has happened to one of `watched`, or the timeout, rounded up to
/// milliseconds, is over; `None` waits without limit. Returns how many of them say something.
///
/// # Errors
///
/// If a signal has come in between, if the system has no memory left, or if there are more
/// descriptors than the process may have open.
pub(super) fn wait(watched: &mut [pollfd], timeout: Option<Duration>) -> io::Result<usize> {
    let timeout = timeout.map_or(-1, |timeout| {
        let milliseconds = timeout.as_nanos().div_ceil(1_000_000);
        libc::c_int::try_from(milliseconds).unwrap_or(libc::c_int::MAX)
    });
    let count = watched.len() as libc::nfds_t;
    // SAFETY: poll(2) reads and writes `count` elements from the pointer on, which `watched` is,
    // borrowed exclusively. The numbers need not be open descriptors: poll says so of those that
    // are not, and does nothing to the others but to look at them.
    let outcome = unsafe { libc::poll(watched.as_mut_ptr(), count, timeout) };
    usize::try_from(outcome).map_err(|_| io::Error::last_os_error())
}
