//! One asynchronous wait for a source.

use std::task::Context;

use crate::context;

use super::entry::Entry;
use super::scope::{Scope, Snapshot};
use super::{Direction, Interest};

/// One asynchronous wait: in the reactor's table if there is room, else in the queue.
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
    pub(super) fn new(entry: &'a Entry, interest: Interest) -> QueuedWait<'a> {
        QueuedWait { entry, interest, key: None }
    }

    /// Leaves the waker of the task; tells whether the readiness has changed since `seen`.
    pub(super) fn wait(&mut self, cx: &mut Context<'_>, scope: Scope, seen: Snapshot) -> bool {
        if self.key.is_none() && self.wait_in_table(cx, scope) {
            return false;
        }
        self.entry.wait_queued(&mut self.key, self.interest, cx.waker(), scope, seen)
    }

    fn wait_in_table(&self, cx: &mut Context<'_>, scope: Scope) -> bool {
        let placed = context::with_current(|local| {
            local.reactor.owns(self.entry)
                && [Direction::Read, Direction::Write].into_iter().all(|direction| {
                    !scope.has(direction)
                        || local.reactor.wait_async(self.entry, direction, cx.waker())
                })
        });
        placed == Some(true)
    }
}

impl Drop for QueuedWait<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.entry.leave_queue(key);
        }
    }
}
