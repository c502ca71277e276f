//! A thread that waits for one child.

use std::io;
use std::thread;
use std::time::Duration;

use super::{ChildWatcher, Watched};
use crate::sys;

/// What the stack of a waiting thread takes, in bytes: it makes two system calls, and calls a waker, which may
/// be of any make.
const STACK: usize = 256 * 1024;

/// Between two looks at a child that the system does not let us wait for, in the beginning and at most.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(64);

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
    let mut pause = SHORTEST;
    // The end is told before it can be reaped on some systems, if by a moment.
    while !child.try_reap() {
        // A sandbox may refuse the call that waits, and allow the one that reaps.
        if sys::wait_until_ended(child).is_err() {
            thread::sleep(pause);
            pause = LONGEST.min(pause * 2);
        }
    }
}
