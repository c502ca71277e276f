//! What the system says about a signal.

use libc::c_int;

use super::ring::Record;

/// What the system says about a signal: where it came from.
///
/// Of signals that were told together, it is about the last one that was noted: two that interrupt two
/// threads at the same time are noted in either order. Given by
/// [`Signal::recv_info`](super::Signal::recv_info).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalInfo {
    code: Option<i32>,
    pid: Option<i32>,
    uid: Option<u32>,
    value: Option<usize>,
}

impl SignalInfo {
    /// What is known of a signal that came when there was no room to note more.
    pub(super) const UNKNOWN: SignalInfo =
        SignalInfo { code: None, pid: None, uid: None, value: None };

    /// The signal, and what is known of it, from what the handler has left.
    pub(super) fn read(record: &Record) -> (c_int, SignalInfo) {
        let low = |word: u64| word as u32 as i32;
        let high = |word: u64| (word >> 32) as u32;
        let [first, second, value] = *record;
        let (signal, code) = (low(first), high(first) as i32);
        let (pid, uid) = (low(second), high(second));
        let sent = codes::has_sender(signal, code) && pid > 0;
        let info = SignalInfo {
            code: Some(code),
            pid: sent.then_some(pid),
            uid: sent.then_some(uid),
            value: codes::has_value(code).then_some(value as usize),
        };
        (signal, info)
    }

    /// The process that sent the signal; for `SIGCHLD`, the child. `None` if it came from the system, such as
    /// by a key on the terminal, or from outside of the pid namespace.
    pub fn pid(&self) -> Option<u32> {
        self.pid.and_then(|pid| u32::try_from(pid).ok())
    }

    /// The real user id of that process.
    pub fn uid(&self) -> Option<u32> {
        self.uid
    }

    /// The `si_code` of sigaction(2), such as `SI_USER` for kill(2), `SI_QUEUE` for sigqueue(3), and
    /// `CLD_EXITED` for a child.
    ///
    /// `None` if signals came faster than they could be noted.
    pub fn code(&self) -> Option<i32> {
        self.code
    }

    /// What the sender put into sigqueue(3): the `sival_ptr`, whose low bits are the `sival_int` on
    /// little-endian machines.
    pub fn value(&self) -> Option<usize> {
        self.value
    }
}

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "codes_linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "codes_other.rs")]
mod codes;
