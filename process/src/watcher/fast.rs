//! SIGCHLD, upon which the system is asked who has ended.
//!
//! The system reaps one child that has ended after the other, and tells which (`waitpid(-1)`). By then its
//! pid may be somebody else's, so nobody may signal a child meanwhile, or reap it in another way, until it is
//! marked as reaped. Nor may anybody be spawning: between the fork and its entry in our table a child is a
//! stranger, and one that fails to execute its program is reaped by the standard library, which counts on
//! finding it. The gate keeps all of those out.

use std::cell::Cell;
use std::io;
use std::task::Waker;
use std::time::Duration;

use runtime_core::callback::call_later;
use runtime_core::reactor::try_loop_local;

use super::kept::Kept;
use super::panics::Panics;
use super::sigchld::{self, Look};
use super::{ChildWatcher, Watched, children, gate, strays};
use crate::sys;

/// Listens to SIGCHLD, and has the system say who has ended. The fastest with thousands of children.
///
/// It depends on the signal as [`Signal`](super::Signal) does, and makes up for its absence in the same way.
///
/// # It reaps every child of the process
///
/// While children of the loop run, it also reaps those that other code has spawned, as
/// [`std::process::Command`] in a library, which then fails to find out what has become of them, or panics.
/// Choose it only in programs all of whose children are spawned by this crate, in whatever loop and with
/// whatever strategy; those are safe. The statuses of the latest strangers are kept, so a child that has been
/// spawned elsewhere can still be handed to this crate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fast(());

impl Fast {
    /// The strategy. It has nothing to set.
    pub const fn new() -> Fast {
        Fast(())
    }
}

impl ChildWatcher for Fast {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        sigchld::watch::<AskForAll>(child)
    }
}

/// Between the end of some child and the look for those that foreign code has reaped.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Default)]
struct AskForAll;

impl Look for AskForAll {
    fn look(children: &mut Vec<Kept>) {
        let mut panics = Panics::default();
        panics.contain(gate::sweep);
        children.retain(|kept| !kept.child().is_reaped());
        if !children.is_empty() {
            try_loop_local(LostAndFound::look_later);
        }
        panics.resume();
    }
}

/// The look for children that foreign code has reaped, which no sweep finds.
#[derive(Default)]
struct LostAndFound {
    is_arranged: Cell<bool>,
}

impl LostAndFound {
    /// Has each child asked for in a while. The end of any child is a reason to, as it may have been
    /// another's as well.
    fn look_later(&self) {
        if !self.is_arranged.replace(true) {
            call_later(PAUSE, || {
                try_loop_local(|this: &LostAndFound| this.is_arranged.set(false));
                sigchld::look_at_each::<AskForAll>();
            });
        }
    }
}

/// Reaps all children that have ended, and returns the wakers of who waits for them. Called while the gate is
/// closed.
pub(super) fn reap_all() -> Vec<Waker> {
    let mut wakers = Vec::new();
    while let Some((id, status)) = sys::reap_any() {
        match children::find(id) {
            Some(child) => wakers.extend(child.settle(status)),
            None => strays::keep(id, status),
        }
    }
    wakers
}
