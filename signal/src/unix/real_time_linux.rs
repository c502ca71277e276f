//! The signals of POSIX's real-time extension, which have no meaning of their own.

use std::io;

use libc::c_int;

use super::SignalKind;

impl SignalKind {
    /// The real-time signal `SIGRTMIN + number`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if the system has fewer of them; Linux has 0 to 30.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::signal::SignalKind;
    ///
    /// assert!(SignalKind::real_time(0)?.as_raw_value() >= 32);
    /// assert!(SignalKind::real_time(1000).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn real_time(number: u32) -> io::Result<SignalKind> {
        let (first, last) = (libc::SIGRTMIN(), libc::SIGRTMAX());
        match c_int::try_from(number).ok().and_then(|number| first.checked_add(number)) {
            Some(signal) if signal <= last => Ok(SignalKind::from_raw(signal)),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("there is no real-time signal {number}: the last one is {}", last - first),
            )),
        }
    }
}

/// Whether a number is one of those with which the C library tells its threads things (signal(7)), or past
/// the last one.
pub(super) fn is_reserved(number: c_int) -> bool {
    (32..libc::SIGRTMIN()).contains(&number)
}

/// Whether signals of this number are queued by the system.
pub(super) fn is_queued(number: c_int) -> bool {
    number >= libc::SIGRTMIN()
}
