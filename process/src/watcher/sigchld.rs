//! What the strategies that listen to SIGCHLD have in common: the children of a loop, and the listener.
//!
//! The signal is not ours alone. Other code may replace its handler, ignore it, or block it in all threads,
//! at any time. A child that is watched from then on is refused if the handler is not ours any more. For those
//! that are on the list already, and for a signal that is blocked, which nobody can tell, each of them is
//! asked for once in a while.

use std::cell::{Cell, RefCell};
use std::io;
use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use runtime_core::callback::{TimerHandle, call_later};
use runtime_core::reactor::try_loop_local;
use runtime_signal::{SignalGuard, SignalKind, on, signal};

use super::kept::Kept;
use super::panics::Panics;
use super::{Watched, no_loop};

/// How often each child is asked for, whatever the signal does.
const PAUSE: Duration = Duration::from_secs(1);

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
    /// Has each child asked for in a while, as long as there are any.
    timer: RefCell<Option<TimerHandle>>,
    /// How many looks are under way, each within the one before: a waker may spawn another child. Meanwhile
    /// the list is not complete.
    looks: Cell<usize>,
    look: PhantomData<L>,
}

/// Puts a child on the list.
pub(super) fn watch<L: Look>(child: &Watched) -> io::Result<()> {
    try_loop_local(|listing: &Listing<L>| {
        listing.listen()?;
        listing.children.borrow_mut().push(Kept::new(child));
        // It may have ended before anybody listened.
        if child.try_reap() {
            listing.children.borrow_mut().retain(|kept| !kept.child().is(child));
        }
        listing.settle();
        Ok(())
    })
    .unwrap_or_else(|| Err(no_loop()))
}

/// Asks for each child on the list by itself.
pub(super) fn look_at_each<L: Look>() {
    try_loop_local(|listing: &Listing<L>| listing.look_by(ask_for_each));
}

/// Reaps those that have ended.
///
/// # Panics
///
/// If a waker does, after each child has been asked for.
pub(super) fn ask_for_each(children: &mut Vec<Kept>) {
    let mut panics = Panics::default();
    // A waker that panics does so after the child has been reaped.
    children.retain(|kept| !panics.contain(|| kept.child().try_reap()).unwrap_or(true));
    panics.resume();
}

impl<L: Look> Listing<L> {
    fn listen(&self) -> io::Result<()> {
        if self.guard.borrow().is_some() {
            // Refused if the handler is not ours any more.
            return signal(SignalKind::child()).map(drop);
        }
        let guard = on(SignalKind::child(), || {
            try_loop_local(|listing: &Listing<L>| listing.look_by(L::look));
        })?;
        self.guard.replace(Some(guard));
        Ok(())
    }

    fn look_by(&self, look: impl FnOnce(&mut Vec<Kept>)) {
        // Nothing is borrowed meanwhile: a child that is reaped has somebody woken.
        let mut children = mem::take(&mut *self.children.borrow_mut());
        let mut panics = Panics::default();
        self.looks.set(self.looks.get() + 1);
        panics.contain(|| look(&mut children));
        self.looks.set(self.looks.get() - 1);
        self.children.borrow_mut().append(&mut children);
        self.settle();
        panics.resume();
    }

    /// Listens no longer if there are no children, and sees to it that they are asked for in a while if there
    /// are.
    fn settle(&self) {
        if !self.children.borrow().is_empty() {
            if self.timer.borrow().is_none() {
                let timer = call_later(PAUSE, || {
                    try_loop_local(|listing: &Listing<L>| {
                        let fired = listing.timer.take();
                        drop(fired);
                        listing.look_by(ask_for_each);
                    });
                });
                self.timer.replace(Some(timer));
            }
        } else if self.looks.get() == 0 {
            let unused = (self.guard.take(), self.timer.take());
            if let Some(timer) = &unused.1 {
                timer.cancel();
            }
        }
    }
}
