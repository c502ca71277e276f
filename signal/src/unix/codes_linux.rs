//! Which parts of a `siginfo_t` mean something on Linux, where they overlay each other.

use libc::c_int;

pub(super) fn has_sender(signal: c_int, code: i32) -> bool {
    let sent = matches!(code, libc::SI_USER | libc::SI_QUEUE | libc::SI_TKILL | libc::SI_MESGQ);
    // Of a child, `code` is one of CLD_EXITED to CLD_CONTINUED.
    sent || (signal == libc::SIGCHLD && (libc::CLD_EXITED..=libc::CLD_CONTINUED).contains(&code))
}

pub(super) fn has_value(code: i32) -> bool {
    code == libc::SI_QUEUE
}
