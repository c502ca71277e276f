//! A thread that waits for one child.

use std::io;
use std::thread;

use super::{ChildWatcher, Watched};
use crate::sys;

/// What the stack of a waiting thread takes, in bytes: it makes two system calls.
const STACK: usize = 64 * 1024;

/// Watches each child from a thread of its own, which sleeps until the child ends.
///
/// Works everywhere, needs neither signals nor a running loop, and costs a thread a child.
#[derive(Clone, Copy, Debug, Default)]
pub struct Thread(());

impl Thread {
    /// The strategy. It has nothing to set.
    pub const fn new() -> Thread {
        Thread(())
    }
}

impl ChildWatcher for Thread {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        let child = child.clone();
        let name = format!("child-{}", child.id());
        thread::Builder::new().name(name).stack_size(STACK).spawn(move || wait_for(&child))?;
        Ok(())
    }
}

fn wait_for(child: &Watched) {
    // The end is told before it can be reaped on some systems, if by a moment.
    while !child.try_reap() {
        sys::wait_until_ended(child);
    }
}
