//! One source, as the reactor and its users share it.
//!
//! # Who waits where
//!
//! A task on the loop's own thread leaves its waker in the reactor's table (see `place`): no lock.
//! Everybody else comes here and goes through the lock, sets `crowded`, and then looks at the
//! readiness once more, because the loop may have reported an event meanwhile:
//!
//! ```text
//!     waiter, any thread                     loop
//!     1. leave the waker, set crowded        1. report the event (plain store)
//!     2. fence                               2. fence, one for the whole batch
//!     3. look at the readiness               3. look at crowded
//! ```
//!
//! The two fences are sequentially consistent: whichever comes second, its side sees what the
//! other side did.

use std::io;
use std::sync::Arc;
use std::task::Waker;

use crate::executor::is_waker_of_current;
use crate::sync::{AtomicBool, AtomicI32, Mutex, MutexGuard, Ordering, fence};

use super::hub::Hub;
use super::place::Place;
use super::scope::{Scope, Snapshot};
use super::waiting::Waiting;
use super::word::{Seen, Word};
use super::{Direction, Interest, Ready, Token, errors};

/// One source, as the reactor and its users share it.
#[derive(Debug)]
pub(super) struct Entry {
    hub: Arc<Hub>,
    token: Token,
    read: Word,
    write: Word,
    /// Who waits in the reactor's table. For the loop's thread alone.
    places: [Place; 2],
    waiting: Mutex<Option<Box<Waiting>>>,
    /// Whether an event would find somebody in `waiting`; changes under its lock.
    crowded: AtomicBool,
    /// Whether dropping the source ends its registration.
    closing: bool,
    /// The number of the source in the system, until it is dropped.
    number: AtomicI32,
}

impl Entry {
    pub(super) fn new(hub: Arc<Hub>, token: Token, closing: bool, number: i32) -> Entry {
        Entry {
            hub,
            token,
            read: Word::new(),
            write: Word::new(),
            places: [Place::new(), Place::new()],
            waiting: Mutex::new(None),
            crowded: AtomicBool::new(false),
            closing,
            number: AtomicI32::new(number),
        }
    }

    #[inline]
    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    #[inline]
    pub(super) fn token(&self) -> Token {
        self.token
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing
    }

    /// Tells whether this is the source that the system knows under `number`.
    pub(super) fn has_number(&self, number: i32) -> bool {
        number >= 0 && self.number.load(Ordering::Relaxed) == number
    }

    /// The number by which the system knows the source, if it does.
    pub(super) fn number(&self) -> Option<i32> {
        Some(self.number.load(Ordering::Relaxed)).filter(|&number| number >= 0)
    }

    /// Records that the source is about to be dropped, and its number free again.
    pub(super) fn forget_number(&self) {
        self.number.store(-1, Ordering::Relaxed);
    }

    // Readiness.

    #[inline]
    pub(super) fn seen(&self, scope: Scope) -> Snapshot {
        Snapshot {
            read: if scope.read.is_empty() { Seen::NOTHING } else { self.read.seen() },
            write: if scope.write.is_empty() { Seen::NOTHING } else { self.write.seen() },
        }
    }

    /// Records that `ready`, as a word says it, is over, as of `seen`.
    #[inline]
    pub(super) fn settle(&self, scope: Scope, seen: Snapshot, ready: Ready) {
        if !scope.read.is_empty() {
            self.read.settle(seen.read, ready & scope.read);
        }
        if !scope.write.is_empty() {
            self.write.settle(seen.write, ready & scope.write);
        }
    }

    /// Learns from a call that failed, or from there being none to make: returns what is left of
    /// the readiness if there is something to wait for, else the error.
    pub(super) fn learn(
        &self,
        scope: Scope,
        seen: Snapshot,
        error: Option<io::Error>,
    ) -> io::Result<Snapshot> {
        match error {
            None if seen.is_shut() => Err(errors::closed()),
            None => Ok(seen),
            Some(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.settle(scope, seen, Ready::ALL);
                Ok(seen.without(scope))
            }
            Some(error) => Err(error),
        }
    }

    /// Records an event. For the loop's thread alone.
    #[inline]
    pub(super) fn report(&self, ready: Ready) {
        let words = Scope::words(ready);
        if !words.read.is_empty() {
            self.read.report(words.read);
        }
        if !words.write.is_empty() {
            self.write.report(words.write);
        }
    }

    /// Records that the loop is gone. For the loop's thread alone.
    pub(super) fn shut(&self) {
        self.read.shut();
        self.write.shut();
    }

    /// Who waits in the reactor's table. For the loop's thread alone.
    #[inline]
    pub(super) fn place(&self, direction: Direction) -> &Place {
        &self.places[direction as usize]
    }

    /// Records whose waker has been put into the reactor's table.
    ///
    /// Only a waker of the current loop, which is the one of this source, is woken in place: that of another
    /// loop may have to end that one's sleep. A selector that wants to be told of every wait gets its way by
    /// this, too: a foreign waker does not stay in the table, so the next wait comes here again.
    pub(super) fn occupy(&self, direction: Direction, waker: &Waker, relied: bool) {
        let place = self.place(direction);
        if self.hub.has_rearmer() || !is_waker_of_current(waker) {
            place.occupy_as_foreign(relied);
        } else {
            place.occupy(waker, relied);
        }
    }

    /// Tells the selector, if it wants to know, what somebody is about to wait for.
    ///
    /// To be called when the readiness that was there has been settled: then an event that comes
    /// of this is a newer one.
    pub(super) fn rearm(&self, interest: Interest) {
        self.hub.rearm(self.token, interest);
    }

    // Behind the lock.

    /// Waits as a poller; tells whether the readiness has changed since `seen`.
    pub(super) fn wait_polled(&self, direction: Direction, waker: &Waker, seen: Snapshot) -> bool {
        let scope = Scope::of_direction(direction);
        let waker = waker.clone();
        let mut waiting = self.waiting.lock();
        let replaced = waiting.get_or_insert_default().set_polled(direction, waker);
        self.note_crowd(waiting);
        drop(replaced);
        self.rearm(direction.interest());
        self.has_changed(scope, seen)
    }

    /// Waits in the queue, under `key` from then on; tells whether the readiness has changed since
    /// `seen`.
    pub(super) fn wait_queued(
        &self,
        key: &mut Option<usize>,
        interest: Interest,
        waker: &Waker,
        seen: Snapshot,
    ) -> bool {
        let scope = Scope::of_interest(interest);
        let waker = waker.clone();
        let mut waiting = self.waiting.lock();
        let (place, replaced) = waiting.get_or_insert_default().enqueue(*key, interest, waker);
        self.note_crowd(waiting);
        *key = Some(place);
        drop(replaced);
        self.rearm(interest);
        self.has_changed(scope, seen)
    }

    /// Leaves the queue.
    pub(super) fn leave_queue(&self, key: usize) {
        let mut waiting = self.waiting.lock();
        let waker = waiting.as_mut().and_then(|waiting| waiting.dequeue(key));
        self.note_crowd(waiting);
        drop(waker);
    }

    /// Moves out the wakers of all who wait here for any of `ready`.
    ///
    /// The caller has reported the event and fenced.
    #[inline]
    pub(super) fn take_waiting(&self, ready: Ready, wakers: &mut Vec<Waker>) {
        if self.crowded.load(Ordering::Relaxed) {
            let mut waiting = self.waiting.lock();
            if let Some(waiting) = waiting.as_mut() {
                waiting.take(ready, wakers);
            }
            self.note_crowd(waiting);
        }
    }

    /// Shows the wakers of all who wait here, and for which direction.
    pub(super) fn for_each_waiting(&self, f: impl FnMut(Direction, &Waker)) {
        if let Some(waiting) = self.waiting.lock().as_ref() {
            waiting.for_each(f);
        }
    }

    /// Keeps `crowded` true to the facts, and gives the lock back.
    fn note_crowd(&self, waiting: MutexGuard<'_, Option<Box<Waiting>>>) {
        let crowded = waiting.as_ref().is_some_and(|waiting| !waiting.is_empty());
        if self.crowded.load(Ordering::Relaxed) != crowded {
            self.crowded.store(crowded, Ordering::Relaxed);
            if crowded {
                self.hub.add_crowded();
            } else {
                self.hub.remove_crowded();
            }
        }
    }

    fn has_changed(&self, scope: Scope, seen: Snapshot) -> bool {
        // Pairs with the fence in `Reactor::dispatch`, see above.
        fence(Ordering::SeqCst);
        self.seen(scope) != seen
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.crowded.load(Ordering::Relaxed) {
            self.hub.remove_crowded();
        }
    }
}

#[cfg(all(test, not(loom)))]
impl Entry {
    /// A source of no reactor.
    pub(super) fn detached(token: Token) -> Entry {
        struct Nobody;
        impl super::Unpark for Nobody {
            fn unpark(&self) {}
        }
        let hub = Hub::new(crate::current::LoopId::next(), Arc::new(Nobody), None, None);
        Entry::new(Arc::new(hub), token, false, -1)
    }
}
