//! Which part of a source's readiness an operation is about.
//!
//! # Who may clear what
//!
//! The end of a stream and an error end every kind of wait, and a call that would have blocked tells
//! that they are over for its own kind only. A read that finds nothing says nothing about the error
//! that somebody waits to fetch from the queue of errors, and the other way round. Were there one bit
//! for all, the first task to be polled after an event could take it from the others, who would then
//! wait for ever. So each kind of wait has a copy, in bits that mean nothing in that word otherwise:
//!
//! ```text
//!                    read word                            write word
//!     READABLE       READABLE, READ_CLOSED, ERROR
//!     PRIORITY       PRIORITY, URGENT_CLOSED, URGENT_ERROR
//!     WRITABLE                                            WRITABLE, WRITE_CLOSED, ERROR
//!     ERROR                                               LONE_ERROR
//! ```

use super::word::Seen;
use super::{Direction, Interest, Ready};

/// In the read word: the end of the stream, for those who wait for out-of-band data.
const URGENT_CLOSED: Ready = Ready::WRITABLE;
/// In the read word: an error, for those who wait for out-of-band data.
const URGENT_ERROR: Ready = Ready::WRITE_CLOSED;
/// In the write word: an error, for those who wait for nothing else.
const LONE_ERROR: Ready = Ready::READABLE;

/// The readiness an operation waits for, for each direction; empty means that the direction is
/// not looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub(super) read: Ready,
    pub(super) write: Ready,
}

impl Scope {
    /// Reading, as the `poll_*` functions mean it.
    pub(super) const READ: Scope = compute(Interest::READABLE);
    /// Writing, as the `poll_*` functions mean it.
    pub(super) const WRITE: Scope = compute(Interest::WRITABLE);

    #[inline]
    pub(super) const fn of_direction(direction: Direction) -> Scope {
        match direction {
            Direction::Read => Scope::READ,
            Direction::Write => Scope::WRITE,
        }
    }

    #[inline]
    pub(super) fn of_interest(interest: Interest) -> Scope {
        OF_INTEREST[interest.bits() as usize]
    }

    /// Lays readiness out in the two words.
    #[inline]
    pub(super) const fn words(ready: Ready) -> Scope {
        let mut read = ready.intersection(Ready::READ_SIDE);
        let mut write = ready.intersection(Ready::WRITE_SIDE);
        // Seldom, so that an event of data alone costs one look.
        if ready.intersects(Ready::READ_CLOSED.union(Ready::ERROR)) {
            if ready.is_read_closed() {
                read = read.union(URGENT_CLOSED);
            }
            if ready.is_error() {
                read = read.union(URGENT_ERROR);
                write = write.union(LONE_ERROR);
            }
        }
        Scope { read, write }
    }

    /// Returns what both scopes have in common.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn common(self, other: Scope) -> Scope {
        Scope { read: self.read & other.read, write: self.write & other.write }
    }

    /// Whether this is about writing alone.
    #[inline]
    pub(super) const fn is_write(self) -> bool {
        self.read.is_empty() && !self.write.is_empty()
    }

    #[inline]
    pub(super) const fn has(self, direction: Direction) -> bool {
        match direction {
            Direction::Read => !self.read.is_empty(),
            Direction::Write => !self.write.is_empty(),
        }
    }
}

/// The scopes of all interests, by their bits: a future that carries its interest along looks it
/// up.
static OF_INTEREST: [Scope; Interest::BITS_END as usize] = {
    let nothing = Scope { read: Ready::EMPTY, write: Ready::EMPTY };
    let mut scopes = [nothing; Interest::BITS_END as usize];
    let mut bits = 1;
    while bits < Interest::BITS_END {
        scopes[bits as usize] = compute(Interest::from_bits(bits));
        bits += 1;
    }
    scopes
};

const fn compute(interest: Interest) -> Scope {
    const READ: Ready = Ready::READABLE.union(Ready::READ_CLOSED).union(Ready::ERROR);
    const URGENT: Ready = Ready::PRIORITY.union(URGENT_CLOSED).union(URGENT_ERROR);
    const WRITE: Ready = Ready::WRITABLE.union(Ready::WRITE_CLOSED).union(Ready::ERROR);
    let mut scope = Scope { read: Ready::EMPTY, write: Ready::EMPTY };
    if interest.is_readable() {
        scope.read = scope.read.union(READ);
    }
    if interest.is_priority() {
        scope.read = scope.read.union(URGENT);
    }
    if interest.is_writable() {
        scope.write = scope.write.union(WRITE);
    }
    if interest.is_error() {
        scope.write = scope.write.union(LONE_ERROR);
    }
    scope
}

/// What both directions said at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    pub(super) read: Seen,
    pub(super) write: Seen,
}

impl Snapshot {
    /// Tells whether a call is worth its while.
    #[inline]
    pub(super) fn invites(self, scope: Scope) -> bool {
        self.read.invites(scope.read) || self.write.invites(scope.write)
    }

    /// Tells whether the loop is gone.
    #[inline]
    pub(super) fn is_shut(self) -> bool {
        self.read.is_shut() || self.write.is_shut()
    }

    /// Returns what is left when everything in a scope is over.
    pub(super) fn without(self, scope: Scope) -> Snapshot {
        Snapshot { read: self.read.without(scope.read), write: self.write.without(scope.write) }
    }

    /// Returns the same event with this readiness within a scope, and no other.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn instead(self, scope: Scope, words: Scope) -> Snapshot {
        let rest = self.without(scope);
        Snapshot { read: rest.read.with(words.read), write: rest.write.with(words.write) }
    }

    /// Returns what the system reported, within a scope.
    #[inline]
    pub(super) fn ready(self, scope: Scope) -> Ready {
        let (read, write) = (self.read.ready() & scope.read, self.write.ready() & scope.write);
        let mut ready = (read & Ready::READ_SIDE) | (write & Ready::WRITE_SIDE);
        if read.intersects(URGENT_CLOSED) {
            ready |= Ready::READ_CLOSED;
        }
        if read.intersects(URGENT_ERROR) || write.intersects(LONE_ERROR) {
            ready |= Ready::ERROR;
        }
        ready
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::Token;
    use super::super::entry::Entry;
    use super::*;

    const PARTS: [Interest; 4] =
        [Interest::READABLE, Interest::WRITABLE, Interest::PRIORITY, Interest::ERROR];

    #[test]
    fn everybody_sees_what_satisfies_them_and_nothing_else() {
        for bits in 1..Interest::BITS_END {
            let interest = Interest::from_bits(bits);
            let entry = Entry::detached(Token(0));
            entry.report(Ready::ALL);
            let scope = Scope::of_interest(interest);
            assert_eq!(entry.seen(scope).ready(scope), interest.satisfied_by(), "{interest:?}");
        }
    }

    #[test]
    fn nobody_takes_the_end_or_an_error_from_another_kind_of_wait() {
        for taker in PARTS {
            for other in PARTS {
                let entry = Entry::detached(Token(0));
                entry.report(Ready::READ_CLOSED | Ready::WRITE_CLOSED | Ready::ERROR);
                let (theirs, ours) = (Scope::of_interest(taker), Scope::of_interest(other));
                let before = entry.seen(ours).ready(ours);
                entry.settle(theirs, entry.seen(theirs), Ready::ALL);
                let left = if taker == other { Ready::EMPTY } else { before };
                assert_eq!(entry.seen(ours).ready(ours), left, "{taker:?} before {other:?}");
            }
        }
    }

    #[test]
    fn a_part_is_cleared_by_the_name_that_users_know_it_by() {
        let scope = Scope::of_interest(Interest::PRIORITY);
        let entry = Entry::detached(Token(0));
        entry.report(Ready::PRIORITY | Ready::READ_CLOSED | Ready::ERROR);
        let words = Scope::words(Ready::READ_CLOSED);
        let seen = entry.seen(scope).without(words);
        assert_eq!(seen.ready(scope), Ready::PRIORITY | Ready::ERROR);
    }
}
