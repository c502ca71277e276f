//! Which part of a source's readiness an operation is about.

use super::word::Seen;
use super::{Direction, Interest, Ready};

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
    let ready = interest.satisfied_by();
    let reads = interest.is_readable() || interest.is_priority() || interest.is_error();
    let writes = interest.is_writable() || interest.is_error();
    Scope {
        read: if reads { ready.intersection(Ready::READ_SIDE) } else { Ready::EMPTY },
        write: if writes { ready.intersection(Ready::WRITE_SIDE) } else { Ready::EMPTY },
    }
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

    /// Returns what the system reported, within a scope.
    #[inline]
    pub(super) fn ready(self, scope: Scope) -> Ready {
        (self.read.ready() & scope.read) | (self.write.ready() & scope.write)
    }
}
