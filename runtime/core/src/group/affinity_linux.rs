//! Which processors there are to pin threads to, and pinning. Linux has it per thread: sched_setaffinity(2).

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that this thread may use, of which each loop is to get one.
#[derive(Debug)]
pub(super) struct Processors(Vec<usize>);

impl Processors {
    /// Asks for those of the calling thread, which are the process's own unless somebody has pinned the
    /// thread.
    pub(super) fn usable() -> io::Result<Processors> {
        let set = sched_getaffinity(None)?;
        Ok(Processors((0..CpuSet::MAX_CPU).filter(|&processor| set.is_set(processor)).collect()))
    }

    /// Pins the calling thread to its share of them. When there are more loops than processors, some share
    /// one.
    pub(super) fn pin(&self, index: usize) -> io::Result<()> {
        let mut set = CpuSet::new();
        set.set(self.0[index % self.0.len()]);
        Ok(sched_setaffinity(None, &set)?)
    }
}
