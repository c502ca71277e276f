//! Who waits behind wakers that are not of the loop.
//!
//! A combinator such as `FuturesUnordered` polls what is in it with wakers of its own, and where such a waker
//! lies nobody can see which task it stands for. While a loop is inspected it is noted which task was being
//! polled when it was left there. For timers that is found out after each poll, by a look at those that are
//! new; sources tell by themselves, on the path of those who wait in another way than most.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::current::with_current;
use crate::executor::{Sleeper, TaskRef, sleeper};
use crate::local::Local;
use crate::reactor::{Direction, Token};
use crate::task::Id;
use crate::time::TimerKey;

/// Notes about fewer places are kept without asking whether they are of any use.
const FEW: usize = 256;

/// Of those who wait for one source by such wakers, so many are remembered, the latest ones.
const MANY: usize = 64;

/// Where a waker lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Timer(TimerKey),
    Source(Token, Direction),
}

/// Which tasks have left foreign wakers where.
#[derive(Debug, Default)]
pub(super) struct Foreign {
    notes: RefCell<HashMap<Place, Vec<Id>>>,
}

impl Foreign {
    pub(super) fn clear(&self) {
        self.notes.take();
    }

    /// The tasks that wait in a place, as far as that cannot be seen.
    pub(super) fn waiters(&self, place: Place) -> Vec<Id> {
        self.notes.borrow().get(&place).cloned().unwrap_or_default()
    }

    /// Notes the timers that are later than `latest`, and were armed by `cell`.
    pub(super) fn note_timers(
        &self,
        local: &Local,
        cell: Option<&TaskRef>,
        latest: Option<TimerKey>,
    ) {
        let Some(cell) = cell else { return };
        local.timers.for_each_since(latest, |key, waker| {
            if sleeper(waker) == Sleeper::Other {
                self.note(local, Place::Timer(key), cell);
            }
        });
    }

    fn note(&self, local: &Local, place: Place, cell: &TaskRef) {
        let mut notes = self.notes.borrow_mut();
        if notes.len() >= FEW && notes.len() == notes.capacity() {
            // Before it grows.
            notes.retain(|&place, _| is_of_use(local, place));
        }
        let id = cell.cold().id;
        let waiters = notes.entry(place).or_default();
        match place {
            // One timer, one waker.
            Place::Timer(_) => *waiters = vec![id],
            Place::Source(..) if waiters.contains(&id) => {}
            Place::Source(..) => {
                if waiters.len() == MANY {
                    waiters.remove(0);
                }
                waiters.push(id);
            }
        }
    }
}

/// Whether there still is a timer, or a source.
fn is_of_use(local: &Local, place: Place) -> bool {
    match place {
        Place::Timer(key) => local.timers.is_armed(key),
        Place::Source(token, _) => local.reactor.has(token),
    }
}

/// Notes that whatever is being polled waits for a source, if it does so by a waker that is not ours.
#[cold]
pub(crate) fn note_source(token: Token, direction: Direction, waker: &std::task::Waker) {
    with_current(|local| {
        if local.executor.is_noting() && sleeper(waker) == Sleeper::Other {
            if let Some(cell) = local.executor.running().filter(TaskRef::has_future) {
                local.inspection.foreign.note(local, Place::Source(token, direction), &cell);
            }
        }
    });
}
