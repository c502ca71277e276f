//! No stacks: not on this system, or not without the feature `watchdog`.

use super::{OVER, Stack};
use crate::watchdog::target::Target;

/// See the module's documentation.
#[derive(Debug)]
pub(in crate::watchdog) struct Sampler;

impl Sampler {
    pub(in crate::watchdog) fn new() -> Sampler {
        Sampler
    }

    pub(in crate::watchdog) fn sample(
        &mut self,
        _: &Target,
        _anchor: usize,
        still: impl FnOnce() -> bool,
    ) -> Stack {
        if !still() {
            return Stack::missing(OVER);
        }
        Stack::missing(
            "it takes the feature `watchdog`, and Linux on x86-64 or aarch64, to read the stack of a thread",
        )
    }

    pub(in crate::watchdog) fn retire(&mut self) {}
}
