//! Sources that are watched by number, without being owned.
//!
//! Whoever owns a descriptor deregisters it and then closes it. Whoever merely knows its number may come
//! too late: the descriptor is closed, the number another's, and to change or end "its" registration would
//! hit that one. So a number that is watched in this way is claimed, and the claim is lost to the next
//! source that registers under the number. That one could not if the old registration were alive.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::entry::Entry;
use super::{Interest, Reactor, Source, errors, source};

/// What a registration has to mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Nothing.
    Open,
    /// Some numbers are claimed.
    Claimed,
    /// The reactor has ended.
    Closed,
}

/// The numbers that are watched without being owned.
#[derive(Debug, Default)]
pub(super) struct Claims(RefCell<BTreeMap<i32, Arc<Entry>>>);

impl Reactor {
    /// Registers a source that may be closed before it is deregistered.
    pub(super) fn watch(
        &self,
        source: &mut dyn Source,
        interest: Interest,
    ) -> io::Result<Arc<Entry>> {
        let entry = self.register(source, interest, false)?;
        self.claims.0.borrow_mut().insert(source::number(source), entry.clone());
        self.gate.set(Gate::Claimed);
        Ok(entry)
    }

    /// Changes the interest, and has the selector report once more what is ready now. Returns whether the
    /// source is still the one that was registered.
    pub(super) fn rewatch(
        &self,
        source: &mut dyn Source,
        entry: &Entry,
        interest: Interest,
    ) -> io::Result<bool> {
        if !entry.has_number(source::number(source)) {
            return Ok(false);
        }
        match self.selector.borrow().reregister(source, entry.token(), interest) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ends the registration of a source if it is still the one that was registered.
    pub(super) fn unwatch(&self, source: &mut dyn Source, entry: &Entry) {
        let number = source::number(source);
        if entry.has_number(number) {
            self.claims.0.borrow_mut().remove(&number);
            entry.forget_number();
            // What has been closed is gone already.
            let _ = self.selector.borrow().deregister(source);
        }
        self.ease_gate();
        self.release(entry.token());
    }

    /// Registers a source where it may take the number of another.
    #[cold]
    pub(super) fn register_beside_claims(
        &self,
        source: &mut dyn Source,
        interest: Interest,
        closing: bool,
    ) -> io::Result<Arc<Entry>> {
        if self.gate.get() == Gate::Closed {
            return Err(errors::closed());
        }
        let entry = self.register_at_once(source, interest, closing)?;
        if let Some(loser) = self.claims.0.borrow_mut().remove(&source::number(source)) {
            loser.forget_number();
        }
        self.ease_gate();
        Ok(entry)
    }

    fn ease_gate(&self) {
        if self.gate.get() == Gate::Claimed && self.claims.0.borrow().is_empty() {
            self.gate.set(Gate::Open);
        }
    }
}
