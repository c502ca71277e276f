//! Reads the system's monotonic clock as a number, by way of the standard library.

use std::sync::LazyLock;
use std::time::Instant;

static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Returns the nanoseconds since the first call.
pub(super) fn nanos() -> u64 {
    let since = FIRST.elapsed();
    // A process runs for less than centuries.
    since.as_secs().wrapping_mul(1_000_000_000).wrapping_add(u64::from(since.subsec_nanos()))
}
