//! The loop's side of the reactor.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::task::Waker;
use std::time::Duration;

use crate::current::LoopId;
use crate::inspect::note_source;

use super::claims::{Claims, Gate};
use super::entry::Entry;
use super::hub::Hub;
use super::place::Call;
use super::slots::{Slots, Tenant};
use super::{
    Descriptor, Direction, Event, Interest, Ready, Selector, Source, Token, Unpark, errors, source,
};

/// Turns what the selector reports into readiness and wakers; the loop's own thread only.
///
/// Nothing here runs code of the user, which calling, cloning or dropping a waker may do, while the
/// table is borrowed. The wakers of our own tasks are the exception: to wake one is to queue a task.
/// The selector stays borrowed while a source registers itself, but only as often as it likes:
/// `select` alone needs it undivided, and no source is called from there.
pub(crate) struct Reactor {
    hub: Arc<Hub>,
    pub(super) selector: RefCell<Box<dyn Selector>>,
    slots: RefCell<Slots>,
    /// Kept for its capacity.
    events: Cell<Vec<Event>>,
    forgets_closed_sources: bool,
    pub(super) gate: Cell<Gate>,
    pub(super) claims: Claims,
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) descriptor: Option<Descriptor>,
}

/// What somebody waits for, as inspection sees it.
pub(crate) struct Waited {
    pub(crate) token: Token,
    /// The number by which the system knows the source, if it does.
    pub(crate) number: Option<i32>,
    pub(crate) direction: Direction,
}

impl Reactor {
    pub(crate) fn new(id: LoopId, selector: Box<dyn Selector>) -> io::Result<Reactor> {
        Ok(Reactor {
            hub: Arc::new(Hub::new(
                id,
                selector.unparker(),
                selector.deregistrar(),
                selector.rearmer(),
            )),
            forgets_closed_sources: selector.forgets_closed_sources(),
            descriptor: selector.descriptor(),
            selector: RefCell::new(selector),
            slots: RefCell::default(),
            events: Cell::default(),
            gate: Cell::new(Gate::Open),
            claims: Claims::default(),
        })
    }

    /// Returns how many sources are registered.
    pub(crate) fn sources(&self) -> usize {
        self.slots.borrow().occupied()
    }

    /// Returns the object that ends a wait from another thread.
    pub(crate) fn unparker(&self) -> Arc<dyn Unpark> {
        self.hub.unparker.clone()
    }

    // The turn of the loop.

    /// Waits for events, turns them into readiness, and moves the wakers of those who wait for it
    /// to `wakers`. Returns the number of events; an interrupted wait has none.
    ///
    /// # Errors
    ///
    /// Whatever the selector says, except that it was interrupted.
    pub(crate) fn select(
        &self,
        timeout: Option<Duration>,
        wakers: &mut Vec<Waker>,
    ) -> io::Result<usize> {
        let mut events = self.events.take();
        let outcome = self.selector.borrow_mut().select(&mut events, timeout);
        let count = events.len();
        if count > 0 {
            self.dispatch(&events, wakers);
            events.clear();
        }
        self.events.set(events);
        match outcome {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
            _ => Ok(count),
        }
    }

    fn dispatch(&self, events: &[Event], wakers: &mut Vec<Waker>) {
        let mut slots = self.slots.borrow_mut();
        for event in events {
            // An event of a source that is gone finds nobody.
            let Some(tenant) = slots.find(event.token) else { continue };
            tenant.entry.report(event.ready);
            for direction in [Direction::Read, Direction::Write] {
                if event.ready.intersects(direction.side()) {
                    call(tenant, direction, wakers);
                }
            }
        }
        // Pairs with the fence of those who wait behind a lock, see `entry`.
        fence(Ordering::SeqCst);
        if self.hub.is_crowded() {
            for event in events {
                if let Some(tenant) = slots.find(event.token) {
                    tenant.entry.take_waiting(event.ready, wakers);
                }
            }
        }
    }

    /// Ends the reactor: whoever waits or asks from now on gets an error.
    pub(crate) fn close(&self, wakers: &mut Vec<Waker>) {
        self.gate.set(Gate::Closed);
        let mut slots = self.slots.borrow_mut();
        for tenant in slots.iter() {
            tenant.entry.shut();
            for direction in [Direction::Read, Direction::Write] {
                tenant.entry.place(direction).vacate();
                wakers.extend(tenant.waker(direction).take());
            }
        }
        // Pairs with the fence of those who wait behind a lock, see `entry`.
        fence(Ordering::SeqCst);
        for tenant in slots.iter() {
            tenant.entry.take_waiting(Ready::ALL, wakers);
        }
    }

    /// Tells whether a source is registered.
    pub(crate) fn has(&self, token: Token) -> bool {
        self.slots.borrow_mut().find(token).is_some()
    }

    /// Shows the wakers of all who wait, and what for. What is called must not come back here, nor touch the
    /// waker.
    pub(crate) fn for_each_wait(&self, mut f: impl FnMut(&Waited, &Waker)) {
        let mut slots = self.slots.borrow_mut();
        for tenant in slots.iter() {
            let (token, number) = (tenant.entry.token(), tenant.entry.number());
            let waited = |direction| Waited { token, number, direction };
            for direction in [Direction::Read, Direction::Write] {
                if tenant.entry.place(direction).is_armed() {
                    if let Some(waker) = tenant.waker(direction) {
                        f(&waited(direction), waker);
                    }
                }
            }
            tenant.entry.for_each_waiting(|direction, waker| f(&waited(direction), waker));
        }
    }

    // Sources come and go.

    /// Registers a source.
    pub(super) fn register(
        &self,
        source: &mut dyn Source,
        interest: Interest,
        closing: bool,
    ) -> io::Result<Arc<Entry>> {
        if self.gate.get() != Gate::Open {
            return self.register_beside_claims(source, interest, closing);
        }
        self.register_at_once(source, interest, closing)
    }

    #[inline(always)]
    pub(super) fn register_at_once(
        &self,
        source: &mut dyn Source,
        interest: Interest,
        closing: bool,
    ) -> io::Result<Arc<Entry>> {
        let closing = closing && self.forgets_closed_sources;
        let number = source::number(source);
        let entry = self
            .slots
            .borrow_mut()
            .insert(|token| Arc::new(Entry::new(self.hub.clone(), token, closing, number)))
            .ok_or_else(errors::too_many_sources)?;
        let selector = self.selector.borrow();
        let outcome = match selector.register(source, entry.token(), interest) {
            Err(error) if self.is_leftover(&error, number, &entry) => {
                selector.reregister(source, entry.token(), interest)
            }
            outcome => outcome,
        };
        drop(selector);
        match outcome {
            Ok(()) => Ok(entry),
            Err(error) => {
                self.release(entry.token());
                Err(errors::explain_registration(error))
            }
        }
    }

    /// Tells whether a registration failed because of one that was left behind: the descriptor was
    /// closed under a duplicate, say, so that the system still knows the pair of number and file.
    ///
    /// If a living source has that number, the registration is taken, and stays taken.
    fn is_leftover(&self, error: &io::Error, number: i32, entry: &Arc<Entry>) -> bool {
        error.kind() == io::ErrorKind::AlreadyExists
            && number >= 0
            && !self
                .slots
                .borrow_mut()
                .iter()
                .any(|tenant| tenant.entry.has_number(number) && !Arc::ptr_eq(&tenant.entry, entry))
    }

    /// Deregisters a source, which is about to be closed or to be given back.
    pub(super) fn deregister(&self, source: &mut dyn Source, token: Token) -> io::Result<()> {
        let outcome = self.selector.borrow().deregister(source);
        self.release(token);
        outcome
    }

    /// Frees the slot of a source.
    pub(super) fn release(&self, token: Token) {
        let tenant = self.slots.borrow_mut().remove(token);
        // Its wakers are dropped when the table is no longer borrowed.
        drop(tenant);
    }

    // Waiting in the table.

    /// Tells whether a source belongs to this reactor, so that its place in the table may be used.
    #[inline]
    pub(super) fn owns(&self, entry: &Entry) -> bool {
        Arc::ptr_eq(&self.hub, entry.hub())
    }

    /// Lets a poller wait; the last one wins.
    #[inline]
    pub(super) fn wait_polled(&self, entry: &Entry, direction: Direction, waker: &Waker) {
        if !entry.place(direction).rearm(waker) {
            self.take_place(entry, direction, waker);
        }
    }

    /// Takes the place from whoever has it.
    #[cold]
    fn take_place(&self, entry: &Entry, direction: Direction, waker: &Waker) {
        note_source(entry.token(), direction, waker);
        let displaced = self.put(entry, direction, waker.clone());
        let relied_on = entry.place(direction).is_relied_on();
        match displaced {
            Some(other) if relied_on && !other.will_wake(waker) => {
                entry.occupy(direction, waker, false);
                // An asynchronous wait of another task: it goes to the queue instead.
                other.wake();
            }
            // One of the same task goes on.
            displaced => {
                entry.occupy(direction, waker, relied_on);
                drop(displaced);
            }
        }
        entry.rearm(direction.interest());
    }

    /// Lets an asynchronous wait begin, unless another task waits there.
    #[inline]
    pub(super) fn wait_async(
        &self,
        entry: &Entry,
        direction: Direction,
        interest: Interest,
        waker: &Waker,
    ) -> bool {
        entry.place(direction).rearm_relied(waker)
            || self.find_place(entry, direction, interest, waker)
    }

    /// Takes the place if nobody else waits there.
    #[cold]
    fn find_place(
        &self,
        entry: &Entry,
        direction: Direction,
        interest: Interest,
        waker: &Waker,
    ) -> bool {
        note_source(entry.token(), direction, waker);
        let displaced = self.put(entry, direction, waker.clone());
        match displaced {
            Some(other) if entry.place(direction).is_armed() && !other.will_wake(waker) => {
                drop(self.put(entry, direction, other));
                false
            }
            displaced => {
                entry.occupy(direction, waker, true);
                drop(displaced);
                entry.rearm(interest);
                true
            }
        }
    }

    /// Puts a waker into the table; what it replaces is to be dropped when nothing is borrowed.
    #[must_use]
    fn put(&self, entry: &Entry, direction: Direction, waker: Waker) -> Option<Waker> {
        let mut slots = self.slots.borrow_mut();
        match slots.find(entry.token()) {
            Some(tenant) => tenant.waker(direction).replace(waker),
            None => Some(waker),
        }
    }
}

/// Calls who waits in the table for a direction of a source.
#[inline]
fn call(tenant: &mut Tenant, direction: Direction, wakers: &mut Vec<Waker>) {
    match tenant.entry.place(direction).call() {
        Call::Nobody => {}
        Call::InPlace => {
            if let Some(task) = tenant.waker(direction) {
                // Runs no code but the executor's, so the table may stay borrowed.
                task.wake_by_ref();
            }
        }
        Call::TakeOut => wakers.extend(tenant.waker(direction).take()),
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor")
            .field("hub", &self.hub)
            .field("sources", &self.sources())
            .field("gate", &self.gate.get())
            .finish_non_exhaustive()
    }
}
