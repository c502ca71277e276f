//! What the system says about a signal.

use libc::c_int;

use super::action::RECORD;

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

    /// The signal, and what is known of it, from what the handler wrote.
    pub(super) fn read(record: &[u8; RECORD]) -> (c_int, SignalInfo) {
        let four = |at: usize| [record[at], record[at + 1], record[at + 2], record[at + 3]];
        let signal = c_int::from_ne_bytes(four(0));
        let code = i32::from_ne_bytes(four(4));
        let pid = i32::from_ne_bytes(four(8));
        let uid = u32::from_ne_bytes(four(12));
        let [_, _, value] = [four(8), four(12), four(16)];
        let mut eight = [0; 8];
        eight[..4].copy_from_slice(&value);
        eight[4..].copy_from_slice(&four(20));
        let sent = codes::has_sender(signal, code) && pid > 0;
        let info = SignalInfo {
            code: Some(code),
            pid: sent.then_some(pid),
            uid: sent.then_some(uid),
            value: codes::has_value(code).then(|| u64::from_ne_bytes(eight) as usize),
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
