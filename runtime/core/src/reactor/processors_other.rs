//! How many processors there are for this loop and those it talks to.

use std::thread;

/// Returns how many processors there are for this loop and those it talks to.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, Into::into)
}
