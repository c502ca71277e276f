//! Systems whose real-time signals, if they have any, go by their numbers.

use libc::c_int;

/// Whether a number is one that the C library keeps for itself. The system says so where that is.
pub(super) fn is_reserved(_number: c_int) -> bool {
    false
}

/// Whether signals of this number are queued by the system. What has no names here is told as all others are.
pub(super) fn is_queued(_number: c_int) -> bool {
    false
}
