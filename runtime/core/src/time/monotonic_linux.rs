//! Reads the system's monotonic clock as a number: the kernel's `CLOCK_MONOTONIC`, which the standard
//! library's `Instant` is made of on this system.

use rustix::time::{ClockId, clock_gettime};

/// Returns the nanoseconds since the machine was started.
#[inline]
pub(super) fn nanos() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    // Neither is negative on this clock, clock_gettime(2).
    (time.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(time.tv_nsec as u64)
}
