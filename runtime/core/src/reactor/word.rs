//! The readiness of one direction of a source.
//!
//! Two counters instead of one word that everybody swaps. `latest` says what the system reported
//! last and is written by the loop's thread alone, once an event. `settled` says what the users of
//! the source have found out since, and is written by whoever made a call that would have blocked.
//! Each value carries the number of the event it speaks of (the tick) above eight bits of
//! readiness:
//!
//! ```text
//!     63                                8 7           0
//!     ┌──────────────────────────────────┬─────────────┐
//!     │               tick               │  readiness  │
//!     └──────────────────────────────────┴─────────────┘
//!     ticks differ:  nobody has used the last event up; `latest` holds
//!     ticks equal:   `settled` holds: what was left of that event
//! ```
//!
//! No operation here is a locked instruction, and none needs to be:
//! * A report has one writer.
//! * A stale `settled`, written late by a slow thread, has an older tick than `latest` and hence
//!   means "ready": one call too many, never one too few.
//! * A call that would have blocked speaks about the moment after its snapshot was taken. If an
//!   event came since then, the ticks differ, and the event is not lost.
//!
//! A tick has 56 bits: at a million events a second it wraps after two thousand years.

use crate::sync::{AtomicU64, Ordering};

use super::Ready;

/// The first event.
const TICK: u64 = 1 << 8;

/// Nothing has been reported yet; a first call may well succeed.
const UNTRIED: u64 = 1 << 6;
/// The loop is gone.
const SHUT: u64 = 1 << 7;

/// The readiness of one direction.
#[derive(Debug)]
pub(super) struct Word {
    latest: AtomicU64,
    settled: AtomicU64,
}

/// What a [`Word`] said at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen(u64);

impl Word {
    pub(super) fn new() -> Word {
        Word { latest: AtomicU64::new(TICK | UNTRIED), settled: AtomicU64::new(0) }
    }

    /// Takes a snapshot; to be taken before the call whose outcome will be recorded.
    #[inline]
    pub(super) fn seen(&self) -> Seen {
        // Acquire: the call that follows stays behind these loads; pairs with `report`.
        let latest = self.latest.load(Ordering::Acquire);
        let settled = self.settled.load(Ordering::Acquire);
        Seen(if (latest ^ settled) < TICK { settled } else { latest })
    }

    /// Records an event. For the loop's thread alone.
    #[inline]
    pub(super) fn report(&self, ready: Ready) {
        // What is left of the last event joins the new one.
        let next = (self.seen().0 + TICK) | u64::from(ready.bits());
        // Release: pairs with `seen`.
        self.latest.store(next, Ordering::Release);
    }

    /// Records that the loop is gone. For the loop's thread alone.
    pub(super) fn shut(&self) {
        let tick = self.latest.load(Ordering::Relaxed) & !(TICK - 1);
        // Nothing else: no call is worth its while any more.
        self.latest.store((tick + TICK) | SHUT, Ordering::Release);
    }

    /// Records that `ready` was found to be over by a call made after `seen` was taken.
    ///
    /// Without effect if an event has come in between.
    #[inline]
    pub(super) fn settle(&self, seen: Seen, ready: Ready) {
        // Release: keeps the store behind the call that it reports on.
        self.settled.store(seen.without(ready).0, Ordering::Release);
    }
}

impl Seen {
    /// A snapshot of a direction nobody asked about.
    pub(super) const NOTHING: Seen = Seen(0);

    /// Returns what was reported and not yet used up.
    #[inline]
    pub(super) fn ready(self) -> Ready {
        Ready::from_bits_truncate(self.0 as u8)
    }

    /// Returns the same event without a part of its readiness.
    #[inline]
    pub(super) fn without(self, ready: Ready) -> Seen {
        Seen(self.0 & !(u64::from(ready.bits()) | UNTRIED))
    }

    /// Returns the same event with more readiness.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn with(self, ready: Ready) -> Seen {
        Seen(self.0 | u64::from(ready.bits()))
    }

    /// Tells whether a call is worth its while.
    #[inline]
    pub(super) fn invites(self, ready: Ready) -> bool {
        self.0 & (u64::from(ready.bits()) | UNTRIED) != 0
    }

    /// Tells whether the loop is gone.
    #[inline]
    pub(super) fn is_shut(self) -> bool {
        self.0 & SHUT != 0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_new_word_invites_a_call_but_reports_nothing() {
        let seen = Word::new().seen();
        assert!(seen.invites(Ready::EMPTY));
        assert_eq!(seen.ready(), Ready::EMPTY);
    }

    #[test]
    fn settling_ends_readiness_until_the_next_event() {
        let word = Word::new();
        word.settle(word.seen(), Ready::ALL);
        assert!(!word.seen().invites(Ready::ALL));

        word.report(Ready::READABLE);
        assert_eq!(word.seen().ready(), Ready::READABLE);
        word.settle(word.seen(), Ready::READABLE);
        assert!(!word.seen().invites(Ready::ALL));
    }

    #[test]
    fn an_event_after_the_snapshot_survives_the_settling() {
        let word = Word::new();
        let seen = word.seen();
        word.report(Ready::READABLE);
        word.settle(seen, Ready::ALL);
        assert_eq!(word.seen().ready(), Ready::READABLE);
    }

    #[test]
    fn a_late_settling_makes_ready_never_idle() {
        let word = Word::new();
        let early = word.seen();
        word.report(Ready::READABLE);
        word.settle(word.seen(), Ready::ALL);
        word.settle(early, Ready::ALL);
        assert!(word.seen().invites(Ready::READABLE));
    }

    #[test]
    fn the_rest_of_an_event_stays() {
        let word = Word::new();
        word.report(Ready::READABLE | Ready::PRIORITY);
        word.settle(word.seen(), Ready::READABLE);
        assert_eq!(word.seen().ready(), Ready::PRIORITY);
        word.report(Ready::READ_CLOSED);
        assert_eq!(word.seen().ready(), Ready::PRIORITY | Ready::READ_CLOSED);
    }

    #[test]
    fn used_up_bits_do_not_come_back_with_the_next_event() {
        let word = Word::new();
        word.report(Ready::READABLE);
        word.settle(word.seen(), Ready::READABLE);
        word.report(Ready::PRIORITY);
        assert_eq!(word.seen().ready(), Ready::PRIORITY);
    }

    #[test]
    fn shutting_cannot_be_settled_away() {
        let word = Word::new();
        let early = word.seen();
        word.shut();
        word.settle(early, Ready::ALL);
        assert!(word.seen().is_shut());
        word.settle(word.seen(), Ready::ALL);
        assert!(word.seen().is_shut());
    }
}
