//! SIGCHLD, upon which each child is asked for.

use std::io;

use super::kept::Kept;
use super::sigchld::{self, Look};
use super::{ChildWatcher, Watched};

/// Listens to SIGCHLD, and asks for each child of the loop when it arrives. The default on Unix where there
/// are no pidfds.
///
/// It leaves alone what it has not spawned, so libraries may have children of their own. One signal costs a
/// system call for each child that runs: with thousands of them [`Fast`](super::Fast) or
/// [`Pidfd`](super::Pidfd) is better. It depends on the signal. Where that is blocked in all threads, or other
/// code has replaced its handler while children run, they are looked at once a second; once the handler has
/// been replaced, further children are left to the next strategy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signal(());

impl Signal {
    /// The strategy. It has nothing to set.
    pub const fn new() -> Signal {
        Signal(())
    }
}

impl ChildWatcher for Signal {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        sigchld::watch::<AskEach>(child)
    }
}

#[derive(Default)]
struct AskEach;

impl Look for AskEach {
    fn look(children: &mut Vec<Kept>) {
        sigchld::ask_for_each(children);
    }
}
