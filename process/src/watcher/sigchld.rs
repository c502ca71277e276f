//! What the strategies that listen to SIGCHLD have in common: the children of a loop, and the listener.

use std::cell::RefCell;
use std::io;
use std::marker::PhantomData;
use std::mem;

use runtime_core::reactor::try_loop_local;
use runtime_signal::{SignalGuard, SignalKind, on};

use super::kept::Kept;
use super::{Watched, no_loop};

/// How to find out which children have ended.
pub(super) trait Look: Default + 'static {
    /// Reaps those that have ended, and takes them off the list.
    fn look(children: &mut Vec<Kept>);
}

/// The children that are watched in one way in one loop. The loop listens to SIGCHLD while there are any.
#[derive(Default)]
struct Listing<L> {
    // The listener is dropped first.
    guard: RefCell<Option<SignalGuard>>,
    children: RefCell<Vec<Kept>>,
    look: PhantomData<L>,
}

/// Puts a child on the list.
pub(super) fn watch<L: Look>(child: &Watched) -> io::Result<()> {
    try_loop_local(|listing: &Listing<L>| {
        listing.listen()?;
        listing.children.borrow_mut().push(Kept::new(child));
        // It may have ended before anybody listened.
        listing.look();
        Ok(())
    })
    .unwrap_or_else(|| Err(no_loop()))
}

/// Asks for each child on the list by itself.
pub(super) fn look_at_each<L: Look>() {
    try_loop_local(|listing: &Listing<L>| listing.look_by(ask_for_each));
}

/// Reaps those that have ended.
pub(super) fn ask_for_each(children: &mut Vec<Kept>) {
    children.retain(|kept| !kept.child().try_reap());
}

impl<L: Look> Listing<L> {
    fn listen(&self) -> io::Result<()> {
        if self.guard.borrow().is_none() {
            let guard = on(SignalKind::child(), || {
                try_loop_local(|listing: &Listing<L>| listing.look());
            })?;
            self.guard.replace(Some(guard));
        }
        Ok(())
    }

    fn look(&self) {
        self.look_by(L::look);
    }

    fn look_by(&self, look: impl FnOnce(&mut Vec<Kept>)) {
        // Nothing is borrowed meanwhile: a child that is reaped has somebody woken.
        let mut children = mem::take(&mut *self.children.borrow_mut());
        look(&mut children);
        self.children.borrow_mut().append(&mut children);
        if self.children.borrow().is_empty() {
            let unused = self.guard.take();
            drop(unused);
        }
    }
}
