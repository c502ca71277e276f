//! Which parts of a `siginfo_t` mean something where each has a place of its own.

use libc::c_int;

/// A pid that is not 0 is one.
pub(super) fn has_sender(_signal: c_int, _code: i32) -> bool {
    true
}

/// `SI_QUEUE`, as macOS and FreeBSD have it.
pub(super) fn has_value(code: i32) -> bool {
    code == 0x10002
}
