//! How a task waits for a source: as a poller, or as one of many.

use std::io;
use std::task::{Poll, Waker};

use crate::local::Local;

use super::entry::Entry;
use super::scope::{Scope, Snapshot};
use super::{Direction, Interest, errors};

/// A way to wait for a source.
pub(super) trait Wait {
    /// Learns from a call that failed, or from there being none to make, and leaves the waker of
    /// the task if there is something to wait for.
    fn wait(
        self,
        local: Option<&Local>,
        waker: &Waker,
        seen: Snapshot,
        error: Option<io::Error>,
    ) -> Poll<io::Error>;
}

/// The way of the `poll_*` functions: one place a direction, and the last poller wins.
#[derive(Clone, Copy, Debug)]
pub(super) struct PolledWait<'a> {
    pub(super) entry: &'a Entry,
    pub(super) direction: Direction,
}

impl Wait for PolledWait<'_> {
    #[inline(always)]
    fn wait(
        self,
        local: Option<&Local>,
        waker: &Waker,
        seen: Snapshot,
        error: Option<io::Error>,
    ) -> Poll<io::Error> {
        // Nearly always: the task is known, and waits as it did before.
        let again = error.is_none() && !seen.is_shut() && self.begins_again(local, waker);
        if again { Poll::Pending } else { self.wait_out_of_line(local, waker, seen, error) }
    }
}

impl PolledWait<'_> {
    /// Waits as before, if this is the loop's thread, where no event can come in between, and the task is
    /// known.
    #[inline(always)]
    pub(super) fn begins_again(self, local: Option<&Local>, waker: &Waker) -> bool {
        local.is_some_and(|local| local.reactor.owns(self.entry))
            && self.entry.place(self.direction).rearm(waker)
    }

    #[cold]
    #[inline(never)]
    fn wait_out_of_line(
        self,
        local: Option<&Local>,
        waker: &Waker,
        seen: Snapshot,
        error: Option<io::Error>,
    ) -> Poll<io::Error> {
        let PolledWait { entry, direction } = self;
        let seen = match entry.learn(Scope::of_direction(direction), seen, error) {
            Ok(seen) => seen,
            Err(error) => return Poll::Ready(error),
        };
        match local {
            // On the loop's own thread no event can have come in between, but its end.
            Some(local) if local.reactor.owns(entry) => {
                if entry.seen(Scope::READ).is_shut() {
                    return Poll::Ready(errors::closed());
                }
                local.reactor.wait_polled(entry, direction, waker);
            }
            _ => {
                if entry.wait_polled(direction, waker, seen) {
                    waker.wake_by_ref();
                }
            }
        }
        Poll::Pending
    }
}

/// The way of asynchronous functions: in the reactor's table if there is room, else in the queue.
///
/// A waker left in the table stays there when the wait is dropped. That costs the task at most one
/// needless poll; to take it out might take it from another wait of the same task.
#[derive(Debug)]
pub(super) struct QueuedWait<'a> {
    entry: &'a Entry,
    interest: Interest,
    /// The place in the queue, if this wait has ever been there.
    key: Option<usize>,
}

impl<'a> QueuedWait<'a> {
    #[inline]
    pub(super) fn new(entry: &'a Entry, interest: Interest) -> QueuedWait<'a> {
        QueuedWait { entry, interest, key: None }
    }

    fn wait_in_table(&self, local: &Local, waker: &Waker) -> bool {
        let scope = Scope::of_interest(self.interest);
        let place = |direction| {
            !scope.has(direction)
                || local.reactor.wait_async(self.entry, direction, self.interest, waker)
        };
        local.reactor.owns(self.entry) && place(Direction::Read) && place(Direction::Write)
    }
}

impl Wait for &mut QueuedWait<'_> {
    #[inline(never)]
    fn wait(
        self,
        local: Option<&Local>,
        waker: &Waker,
        seen: Snapshot,
        error: Option<io::Error>,
    ) -> Poll<io::Error> {
        let seen = match self.entry.learn(Scope::of_interest(self.interest), seen, error) {
            Ok(seen) => seen,
            Err(error) => return Poll::Ready(error),
        };
        if self.entry.seen(Scope::READ).is_shut() {
            return Poll::Ready(errors::closed());
        }
        let placed =
            self.key.is_none() && local.is_some_and(|local| self.wait_in_table(local, waker));
        if !placed && self.entry.wait_queued(&mut self.key, self.interest, waker, seen) {
            waker.wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for QueuedWait<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.entry.leave_queue(key);
        }
    }
}
